#include "ui/data/sample_sheet.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QImage>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace gradus::ui {
namespace {

constexpr int64_t kSamples = 12;
constexpr qreal kCaption = 4 * kGrid;
constexpr qreal kTitle = 4 * kGrid;

}  // namespace

SampleSheet::SampleSheet(QWidget* parent) : QWidget(parent), theme_(Theme::light()) {
  setObjectName(QStringLiteral("sampleSheet"));
  setAccessibleName(tr("Test samples and their predictions"));
}

void SampleSheet::setTheme(const Theme& theme) {
  theme_ = theme;
  update();
}

void SampleSheet::setDataset(const event::Loaded& loaded) {
  loaded_ = loaded;
  clear();
}

void SampleSheet::clear() {
  predictions_ = {};
  images_.clear();
  update();
}

command::Predict SampleSheet::request() const {
  command::Predict what;
  for (int64_t i = 0; i < std::min(kSamples, loaded_.test_size); ++i) what.samples.push_back(i);
  return what;
}

void SampleSheet::setPredictions(const event::Predictions& predictions) {
  predictions_ = predictions;
  images_.clear();
  const Dims& shape = loaded_.sample_shape;
  const bool picture = shape.size() == 3 && shape[0] == 1;
  const size_t width = picture ? static_cast<size_t>(numel(shape)) : 0;
  for (size_t i = 0; picture && i < predictions.samples.size(); ++i) {
    const int w = static_cast<int>(shape[2]);
    const int h = static_cast<int>(shape[1]);
    QImage image(w, h, QImage::Format_Grayscale8);
    for (int y = 0; y < h; ++y) {
      for (int x = 0; x < w; ++x) {
        const float value = predictions.pixels[i * width + static_cast<size_t>(y * w + x)];
        image.scanLine(y)[x] = static_cast<uchar>(std::clamp(value, 0.0f, 1.0f) * 255);
      }
    }
    images_.push_back(std::move(image));
  }
  update();
}

QString SampleSheet::className(int64_t label) const {
  if (label < 0) return tr("not a number");
  const auto i = static_cast<size_t>(label);
  return i < loaded_.class_names.size() ? QString::fromStdString(loaded_.class_names[i])
                                        : QString::number(label);
}

// As many columns as make the cells largest.
SampleSheet::Layout SampleSheet::layoutFor() const {
  Layout best{1, 0};
  const size_t count = std::max<size_t>(images_.size(), 1);
  const qreal width = this->width() - 2 * kGrid;
  const qreal height = this->height() - kTitle - kGrid;
  for (int columns = 1; columns <= static_cast<int>(count); ++columns) {
    const qreal rows = std::ceil(static_cast<qreal>(count) / columns);
    const qreal cell = std::min(width / columns - kGrid, height / rows - kCaption - kGrid);
    if (cell > best.cell) best = {columns, cell};
  }
  best.cell = std::clamp<qreal>(best.cell, 28, 112);
  return best;
}

QRectF SampleSheet::cellRect(size_t i) const {
  const Layout layout = layoutFor();
  const auto columns = static_cast<size_t>(layout.columns);
  const qreal step = (width() - 2.0 * kGrid) / layout.columns;
  const size_t row = i / columns;
  return {kGrid + static_cast<qreal>(i % columns) * step + (step - layout.cell) / 2,
          kTitle + static_cast<qreal>(row) * (layout.cell + kCaption + kGrid), layout.cell,
          layout.cell};
}

void SampleSheet::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_.panel);
  painter.setFont(textFont(TextSize::normal));
  painter.setPen(theme_.muted);
  if (images_.empty()) {
    painter.drawText(rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Test images and what the network takes them for appear here."));
    return;
  }
  int right = 0;
  for (size_t i = 0; i < images_.size(); ++i) {
    right += predictions_.labels[i] == predictions_.predicted[i] ? 1 : 0;
  }
  painter.drawText(QRectF(2 * kGrid, 0, width() - 4 * kGrid, kTitle), Qt::AlignVCenter,
                   tr("%1 of %2 right").arg(right).arg(images_.size()));
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  for (size_t i = 0; i < images_.size(); ++i) {
    const QRectF cell = cellRect(i);
    const bool good = predictions_.labels[i] == predictions_.predicted[i];
    painter.drawImage(cell, images_[i]);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(good ? theme_.line : theme_.error, good ? 1 : 3));
    painter.drawRect(cell);
    painter.setFont(textFont(TextSize::small));
    painter.setPen(good ? theme_.text : theme_.error);
    const QString text =
        (good ? QStringLiteral("✓ ") : QStringLiteral("✗ ")) + className(predictions_.predicted[i]);
    const auto line = [&](int number, const QString& words) {
      const QRectF place(cell.left() - kGrid, cell.bottom() + 2 + 14 * number,
                         cell.width() + 2 * kGrid, 14);
      painter.drawText(
          place, Qt::AlignCenter,
          QFontMetricsF(painter.font()).elidedText(words, Qt::ElideRight, place.width()));
    };
    line(0, text);
    if (good) continue;
    painter.setPen(theme_.text);
    line(1, tr("is %1").arg(className(predictions_.labels[i])));
  }
}

bool SampleSheet::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  for (size_t i = 0; i < images_.size(); ++i) {
    if (!cellRect(i).contains(help->pos())) continue;
    QToolTip::showText(
        help->globalPos(),
        tr("Test sample %1\nit is: %2\npredicted: %3 (%4 %)")
            .arg(predictions_.samples[i])
            .arg(className(predictions_.labels[i]), className(predictions_.predicted[i]))
            .arg(std::lround(100 * predictions_.confidence[i])),
        this);
    return true;
  }
  QToolTip::hideText();
  return true;
}

}  // namespace gradus::ui
