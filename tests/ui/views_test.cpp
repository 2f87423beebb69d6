// The views on their own: curves that keep every point, tensors that never lie about being there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include <QImage>
#include <set>

#include "ui/charts/training_charts.h"
#include "ui/inspector/tensor_view.h"

namespace gradus::ui {
namespace {

TEST(Charts, KeepEveryPointAndForgetWhatIsUndone) {
  TrainingCharts charts;
  charts.begin(2, 4, 400);
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    for (int64_t batch = 0; batch < 4; ++batch) {
      charts.addProgress({{{epoch, batch, 100, 1.0 / static_cast<double>(1 + epoch * 4 + batch)}},
                          1.0,
                          100 * (1 + epoch * 4 + batch)});
    }
    Metrics metrics;
    metrics.train_loss = 0.5;
    metrics.train_accuracy = 0.625;
    metrics.test_loss = 0.25;
    metrics.test_accuracy = 0.75;
    charts.addEpoch({epoch, metrics, 1.0, 400});
  }
  charts.flush();
  const QStringList lines = charts.csv().trimmed().split('\n');
  EXPECT_EQ(lines.size(), 1 + 8 + 2);
  EXPECT_EQ(lines[1], QStringLiteral("0.25,1,,,,"));
  EXPECT_EQ(lines[5], QStringLiteral("1,,0.5,0.625,0.25,0.75"));
  EXPECT_GE(charts.picture().width(), 1600) << "large enough to print";
  charts.rewind({.step = 50, .epoch = 1, .batch = 1});
  EXPECT_EQ(charts.csv().trimmed().split('\n').size(), 1 + 5 + 1);
  charts.begin(1, 4, 400);
  EXPECT_TRUE(charts.isEmpty());
}

TEST(Charts, AThinLineKeepsEveryExtreme) {
  ThinLine line;
  for (int i = 0; i < 1'000'000; ++i) {
    line.add({static_cast<qreal>(i), i == 700'001 ? 9.0 : i == 3 ? -9.0 : std::sin(i)});
  }
  const QList<QPointF> points = line.points();
  EXPECT_LE(points.size(), 4 * ThinLine::kSlices);
  EXPECT_GE(points.size(), ThinLine::kSlices);
  EXPECT_TRUE(points.contains(QPointF(700'001, 9)));
  EXPECT_TRUE(points.contains(QPointF(3, -9)));
  EXPECT_TRUE(std::ranges::is_sorted(points, {}, &QPointF::x));
  EXPECT_EQ(line.highest(), 9);
  line.clear();
  EXPECT_EQ(line.points().size(), 0);
}

std::set<QRgb> coloursOf(TensorView& view) {
  const QImage image = view.grab().toImage();
  std::set<QRgb> colours;
  for (int y = 8; y < image.height() - 8; ++y) {
    for (int x = 8; x < image.width() - 8; ++x) colours.insert(image.pixel(x, y));
  }
  return colours;
}

TEST(TensorViews, NotComputedNeverLooksLikeZero) {
  for (const Theme& theme : {Theme::light(), Theme::dark_()}) {
    TensorView view;
    view.resize(280, 100);
    view.setTheme(theme);
    ValueWindow zeros{.ref = {},
                      .name = "w",
                      .computed = true,
                      .sizes = Dims{20, 20},
                      .first = {},
                      .picture = {}};
    zeros.picture.rows = zeros.picture.columns = 20;
    zeros.picture.cell_rows = zeros.picture.cell_columns = 20;
    zeros.picture.cells.assign(400, 0.0f);
    view.setWindow(zeros);
    EXPECT_EQ(coloursOf(view).size(), 1u) << "zero is one neutral colour";
    zeros.computed = false;
    view.setWindow(zeros);
    EXPECT_GT(coloursOf(view).size(), 1u) << "what is not there is hatched";
  }
}

TEST(TensorViews, ZeroIsExactlyNeutral) {
  EXPECT_EQ(diverging(0, false), QColor(Qt::white));
  EXPECT_NE(diverging(1e-3, false), diverging(0, false));
  EXPECT_NE(diverging(-1e-3, false), diverging(1e-3, false));
}

TEST(Numbers, AreShortAndHonest) {
  EXPECT_EQ(numberText(0.12345, DType::float32), QStringLiteral("0.1235"));
  EXPECT_EQ(numberText(1e-7, DType::float32), QStringLiteral("1.00e-07"));
  EXPECT_EQ(numberText(3, DType::int64), QStringLiteral("3"));
  EXPECT_EQ(numberText(NAN, DType::float32), QStringLiteral("nan"));
}

}  // namespace
}  // namespace gradus::ui
