#include "ui/charts/training_charts.h"

#include <QChart>
#include <QChartView>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineSeries>
#include <QPainter>
#include <QProgressBar>
#include <QScatterSeries>
#include <QVBoxLayout>
#include <QValueAxis>
#include <algorithm>
#include <cmath>

#include "core/base/clock_text.h"

namespace gradus::ui {
namespace {

constexpr int kRedraw = 250;  // milliseconds
// The next number of 1, 2, 5, 10, 20, … from x on.
double roundStep(double x) {
  const double power = std::pow(10.0, std::floor(std::log10(x)));
  const double ratio = x / power;
  return power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
}

QValueAxis* axisOf(QChart* chart, Qt::Orientation orientation) {
  return static_cast<QValueAxis*>(chart->axes(orientation).first());
}

}  // namespace

TrainingCharts::TrainingCharts(QWidget* parent) : QWidget(parent) {
  lossView_ = makeChart(tr("Loss"), tr("Chart of the loss over the epochs"), lossChart_);
  accuracyView_ =
      makeChart(tr("Accuracy, %"), tr("Chart of the accuracy over the epochs"), accuracyChart_);

  stepLine_ = new QLineSeries(this);
  lossChart_->addSeries(stepLine_);
  for (Qt::Orientation o : {Qt::Horizontal, Qt::Vertical})
    stepLine_->attachAxis(axisOf(lossChart_, o));
  train_ = addCurve(lossChart_);
  test_ = addCurve(lossChart_);
  trainAccuracy_ = addCurve(accuracyChart_);
  testAccuracy_ = addCurve(accuracyChart_);
  axisOf(accuracyChart_, Qt::Vertical)->setRange(0, 100);
  axisOf(accuracyChart_, Qt::Vertical)->setLabelFormat(QStringLiteral("%.0f"));

  progress_ = new QProgressBar(this);
  progress_->setTextVisible(false);
  progress_->setFixedHeight(kGrid);
  progress_->setAccessibleName(tr("Progress of the training"));
  timeLeft_ = new QLabel(this);
  timeLeft_->setFont(textFont(TextSize::normal));
  auto* line = new QHBoxLayout;
  line->addWidget(progress_, 1);
  line->addWidget(timeLeft_);
  line->setContentsMargins(2 * kGrid, 0, 2 * kGrid, 0);
  line->setSpacing(2 * kGrid);

  plots_ = new QWidget(this);
  legend_ = new QLabel(plots_);  // one for both charts, which wraps where room is short
  legend_->setWordWrap(true);
  legend_->setAlignment(Qt::AlignCenter);
  legend_->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 0);
  auto* charts = new QHBoxLayout;
  charts->addWidget(lossView_, 3);
  charts->addWidget(accuracyView_, 2);
  charts->setSpacing(0);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, kGrid, 0, 0);
  column->setSpacing(0);
  column->addLayout(line);
  auto* plots = new QVBoxLayout(plots_);
  plots->setContentsMargins(0, 0, 0, 0);
  plots->setSpacing(0);
  plots->addWidget(legend_);
  plots->addLayout(charts, 1);
  column->addWidget(plots_, 1);

  timer_.setInterval(kRedraw);
  connect(&timer_, &QTimer::timeout, this, &TrainingCharts::flush);
  setTheme(Theme::light());
  begin(1, 1, 0);
}

QChartView* TrainingCharts::makeChart(const QString& title, const QString& what, QChart*& chart) {
  chart = new QChart;
  chart->setTitle(title);
  chart->setAnimationOptions(QChart::NoAnimation);
  chart->setMargins(QMargins(kGrid, 0, kGrid, 0));
  chart->setBackgroundRoundness(0);
  chart->legend()->hide();
  auto* x = new QValueAxis;
  x->setTitleText(tr("epochs"));
  x->setTickType(QValueAxis::TicksDynamic);
  x->setTickAnchor(0);
  x->setLabelFormat(QStringLiteral("%.0f"));
  auto* y = new QValueAxis;
  y->setLabelFormat(QStringLiteral("%g"));
  chart->addAxis(x, Qt::AlignBottom);
  chart->addAxis(y, Qt::AlignLeft);
  auto* view = new QChartView(chart, this);
  view->setRenderHint(QPainter::Antialiasing);
  view->setFrameShape(QFrame::NoFrame);
  view->setAccessibleName(what);
  view->setMinimumHeight(18 * kGrid);
  return view;
}

TrainingCharts::Curve TrainingCharts::addCurve(QChart* chart) {
  Curve curve{new QLineSeries(this), new QScatterSeries(this), {}};
  curve.dots->setMarkerSize(kGrid);
  curve.dots->setBorderColor(Qt::transparent);
  for (QXYSeries* series :
       {static_cast<QXYSeries*>(curve.line), static_cast<QXYSeries*>(curve.dots)}) {
    chart->addSeries(series);
    for (Qt::Orientation o : {Qt::Horizontal, Qt::Vertical}) series->attachAxis(axisOf(chart, o));
  }
  return curve;
}

void TrainingCharts::setTheme(const Theme& theme) {
  theme_ = theme;
  for (QChart* chart : {lossChart_, accuracyChart_}) {
    chart->setBackgroundBrush(theme.panel);
    chart->setTitleBrush(theme.text);
    chart->setTitleFont(textFont(TextSize::normal, true));
    for (QAbstractAxis* axis : chart->axes()) {
      axis->setLabelsColor(theme.muted);
      axis->setTitleBrush(theme.muted);
      axis->setLabelsFont(textFont(TextSize::small));
      axis->setTitleFont(textFont(TextSize::small));
      axis->setGridLineColor(theme.line);
      axis->setLinePenColor(theme.line);
    }
  }
  stepLine_->setPen(QPen(theme.muted, 1));
  const auto sign = [](const QColor& colour, const QString& line, const QString& name) {
    return QStringLiteral("<span style='color:%1'>%2</span> %3").arg(colour.name(), line, name);
  };
  const QString gap = QStringLiteral(" &nbsp; ");
  legend_->setFont(textFont(TextSize::small));
  legend_->setText(sign(theme.muted, QStringLiteral("—"), tr("each batch")) + gap +
                   sign(theme.category(Category::product), QStringLiteral("●—"), tr("train")) +
                   gap +
                   sign(theme.category(Category::reduction), QStringLiteral("●- -"), tr("test")));
  const auto paint = [](const Curve& curve, const QColor& colour, Qt::PenStyle style) {
    curve.line->setPen(QPen(colour, 2, style));
    curve.dots->setColor(colour);
  };
  paint(train_, theme.category(Category::product), Qt::SolidLine);
  paint(test_, theme.category(Category::reduction), Qt::DashLine);
  paint(trainAccuracy_, theme.category(Category::product), Qt::SolidLine);
  paint(testAccuracy_, theme.category(Category::reduction), Qt::DashLine);
}

void TrainingCharts::begin(int64_t epochs, int64_t batches, int64_t samples) {
  epochCount_ = std::max<int64_t>(epochs, 1);
  batches_ = std::max<int64_t>(batches, 1);
  sampleCount_ = samples;
  samplesSeen_ = 0;
  rate_ = 0;
  steps_.clear();
  epochs_.clear();
  draw();
  flush();
}

void TrainingCharts::draw() {
  thinSteps_.clear();
  for (const QPointF& point : steps_) thinSteps_.add(point);
  for (Curve* curve : curves()) curve->points.clear();
  for (const Epoch& epoch : epochs_) addToCurves(epoch);
  changed_ = true;
  if (!timer_.isActive()) timer_.start();
}

void TrainingCharts::addToCurves(const Epoch& epoch) {
  const Metrics& m = epoch.metrics;
  if (m.train_loss) train_.points.add({epoch.x, *m.train_loss});
  if (m.test_loss) test_.points.add({epoch.x, *m.test_loss});
  if (m.train_accuracy) trainAccuracy_.points.add({epoch.x, 100 * *m.train_accuracy});
  if (m.test_accuracy) testAccuracy_.points.add({epoch.x, 100 * *m.test_accuracy});
}

void TrainingCharts::setRunning(bool running) {
  samplesAtStart_ = running ? samplesSeen_ : -1;
  running_.start();
  showProgress();
}

void TrainingCharts::addProgress(const event::Progress& progress) {
  for (const event::BatchLoss& batch : progress.batches) {
    if (!batch.loss || !std::isfinite(*batch.loss)) continue;
    steps_.emplace_back(static_cast<double>(batch.epoch) +
                            static_cast<double>(batch.batch + 1) / static_cast<double>(batches_),
                        *batch.loss);
    thinSteps_.add(steps_.back());
    samplesSeen_ = batch.epoch * sampleCount_ + (batch.batch + 1) * sampleCount_ / batches_;
  }
  if (progress.training_seconds > 0) {
    rate_ = static_cast<double>(progress.training_samples) / progress.training_seconds;
  }
  changed_ = true;
  if (!timer_.isActive()) timer_.start();
}

void TrainingCharts::addEpoch(const event::EpochDone& epoch) {
  epochs_.push_back({static_cast<double>(epoch.epoch + 1), epoch.metrics});
  addToCurves(epochs_.back());
  changed_ = true;
  if (!timer_.isActive()) timer_.start();
}

void TrainingCharts::rewind(const Cursor& cursor) {
  const double x = static_cast<double>(cursor.epoch) +
                   static_cast<double>(cursor.after_batches ? batches_ : cursor.batch) /
                       static_cast<double>(batches_) +
                   0.5 / static_cast<double>(batches_);
  std::erase_if(steps_, [&](const QPointF& point) { return point.x() > x; });
  std::erase_if(epochs_,
                [&](const Epoch& epoch) { return epoch.x > static_cast<double>(cursor.epoch); });
  samplesSeen_ = cursor.epoch * sampleCount_ +
                 (cursor.after_batches ? sampleCount_ : cursor.batch * sampleCount_ / batches_);
  if (!cursor.done) samplesSeen_ = std::min(samplesSeen_, epochCount_ * sampleCount_ - 1);
  draw();
}

void TrainingCharts::flush() {
  if (!changed_) {
    timer_.stop();
    return;
  }
  changed_ = false;
  constexpr qsizetype kFew = 60;  // points that are worth a dot each
  stepLine_->replace(thinSteps_.points());
  stepLine_->setPointsVisible(thinSteps_.count() == 1);
  for (Curve* curve : curves()) {
    const QList<QPointF> points = curve->points.points();
    curve->line->replace(points);
    curve->dots->replace(points.size() <= kFew ? points : QList<QPointF>());
    curve->dots->setMarkerSize(points.size() > 12 ? 4 : kGrid);
  }
  setRange();
  showProgress();
}

void TrainingCharts::setRange() {
  double top = std::max({thinSteps_.highest(), train_.points.highest(), test_.points.highest()});
  // A run that diverges must not press all that came before flat onto the axis.
  constexpr size_t kFirst = 10;
  double first = 0;
  for (size_t i = 0; i < std::min(kFirst, steps_.size()); ++i) {
    first = std::max(first, steps_[i].y());
  }
  const bool beyond = first > 0 && top > 4 * first;
  lossChart_->setTitle(beyond ? tr("Loss (off the chart: up to %1)").arg(top, 0, 'g', 3)
                              : tr("Loss"));
  if (beyond) top = 4 * first;
  // What was trained is shown even where fewer epochs are wanted now.
  const double trained = steps_.empty() ? 0 : std::ceil(steps_.back().x() - 1e-9);
  const double epochs = std::max(static_cast<double>(epochCount_), trained);
  // As many ticks as their labels have room for; never more than ten, since Qt Charts makes items
  // for each.
  const int label = fontMetrics().horizontalAdvance(QString::number(epochCount_)) + 3 * kGrid;
  for (const QChartView* view : {lossView_, accuracyView_}) {
    const double most = std::clamp((view->width() - 8 * kGrid) / label, 1, 10);
    const double apart = std::max(1.0, roundStep(epochs / most));
    const double ticks = std::ceil(epochs / apart - 1e-9);
    QValueAxis* axis = axisOf(view->chart(), Qt::Horizontal);
    axis->setTickInterval(std::max(apart, axis->tickInterval()));  // few ticks at every moment
    axis->setRange(0, apart * ticks * 1.03);                       // room for the last dot
    axis->setTickInterval(apart);
  }
  const double step = roundStep(top > 0 ? top / 5 : 0.5);
  const double steps = std::ceil((top > 0 ? top : 2.5) / step - 1e-9);
  axisOf(lossChart_, Qt::Vertical)->setRange(0, step * steps);
  axisOf(lossChart_, Qt::Vertical)->setTickCount(static_cast<int>(steps) + 1);
}

void TrainingCharts::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  setRange();
}

void TrainingCharts::setEpochs(int64_t epochs) {
  if (epochCount_ == std::max<int64_t>(epochs, 1)) return;
  epochCount_ = std::max<int64_t>(epochs, 1);
  changed_ = true;
  flush();
}

void TrainingCharts::showProgress() {
  const int64_t all = epochCount_ * sampleCount_;
  progress_->setRange(0, 1000);
  progress_->setValue(all > 0 ? static_cast<int>(std::min<int64_t>(1000 * samplesSeen_ / all, 1000))
                              : 0);
  if (samplesSeen_ == 0 || all == 0) {
    timeLeft_->setText(tr("not trained yet"));
  } else if (samplesSeen_ >= all) {
    timeLeft_->setText(tr("done"));
  } else {
    const int64_t gone = samplesSeen_ - samplesAtStart_;
    const bool known = samplesAtStart_ >= 0 && gone > 0;
    const double each =
        known ? 1e-3 * static_cast<double>(running_.elapsed()) / static_cast<double>(gone) : 0;
    const double left = each * static_cast<double>(all - samplesSeen_);
    timeLeft_->setText(known ? tr("%1 left").arg(QString::fromStdString(clock_text(left)))
                             : tr("%1 % done").arg(100 * samplesSeen_ / all));
  }
}

// As on the screen, but large enough for print.
QImage TrainingCharts::picture() const {
  constexpr qreal kWidth = 1600;  // pixels at least
  const qreal scale = std::max(devicePixelRatioF(), kWidth / std::max(plots_->width(), 1));
  QImage picture((QSizeF(plots_->size()) * scale).toSize(), QImage::Format_RGB32);
  picture.setDevicePixelRatio(scale);
  picture.fill(theme_.panel);
  plots_->render(&picture);
  return picture;
}

QString TrainingCharts::csv() const {
  QString text =
      QStringLiteral("epochs,batch_loss,train_loss,train_accuracy,test_loss,test_accuracy\n");
  const auto number = [](double x) { return QString::number(x, 'g', 9); };
  const auto maybe = [&](std::optional<double> x) { return x ? number(*x) : QString(); };
  size_t next = 0;
  for (const QPointF& step : steps_) {
    text += QStringLiteral("%1,%2,,,,\n").arg(number(step.x()), number(step.y()));
    for (; next < epochs_.size() && epochs_[next].x <= step.x() + 1e-9; ++next) {
      const Metrics& m = epochs_[next].metrics;
      text += QStringLiteral("%1,,%2,%3,%4,%5\n")
                  .arg(number(epochs_[next].x), maybe(m.train_loss), maybe(m.train_accuracy),
                       maybe(m.test_loss), maybe(m.test_accuracy));
    }
  }
  return text;
}

}  // namespace gradus::ui
