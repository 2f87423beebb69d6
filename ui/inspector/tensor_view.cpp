#include "ui/inspector/tensor_view.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QImage>
#include <QPainter>
#include <QResizeEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace gradus::ui {

namespace {

constexpr qreal kHatched = 12 * kGrid;     // height of what is not computed
constexpr qreal kMostHeight = 36 * kGrid;  // of a picture

}  // namespace

QString numberText(double value, DType dtype) {
  if (std::isnan(value)) return QStringLiteral("nan");
  if (std::isinf(value)) return value > 0 ? QStringLiteral("inf") : QStringLiteral("−inf");
  if (!is_floating_point(dtype)) return QString::number(static_cast<qint64>(value));
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-3 || size >= 1e5)) return QString::number(value, 'e', 2);
  return QString::number(value, 'f', size >= 100 ? 1 : size >= 10 ? 2 : 4);
}

TensorView::TensorView(QWidget* parent) : QWidget(parent), theme_(Theme::light()) {
  setAccessibleName(tr("Values of the tensor"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
}

void TensorView::setTheme(const Theme& theme) {
  theme_ = theme;
  update();
}

void TensorView::setWindow(const ValueWindow& window, const QString& absent) {
  window_ = window;
  absent_ = absent;
  empty_ = false;
  fitHeight();
  setAccessibleDescription(window.computed
                               ? tr("%1 of shape %2, from %3 to %4")
                                     .arg(QString::fromStdString(window.name),
                                          QString::fromStdString(to_prose(window.sizes)))
                                     .arg(window.picture.min)
                                     .arg(window.picture.max)
                               : absent);
  update();
}

void TensorView::clear() {
  empty_ = true;
  update();
}

QRectF TensorView::absentRect() const {
  return QFontMetricsF(textFont(TextSize::normal))
      .boundingRect(QRectF(0, 0, this->width() - 4 * kGrid, 100 * kGrid),
                    Qt::AlignCenter | Qt::TextWordWrap, absent_);
}

QRectF TensorView::area() const {
  const TensorPicture& p = window_.picture;
  const qreal width = this->width() - 2;
  if (!window_.computed) {
    return {1, 1, width, std::max<qreal>(kHatched, absentRect().height() + 4 * kGrid)};
  }
  if (p.cells.empty()) return {1, 1, width, kHatched};
  // Few cells are wide, so that their numbers fit; many are square.
  const bool few = p.cell_columns <= 12 && p.cell_rows <= 12;
  const qreal w = std::min<qreal>(width / p.cell_columns, few ? 96 : kMostHeight / p.cell_rows);
  const qreal h = few ? 28 : std::min<qreal>(std::max<qreal>(w, 4), kMostHeight / p.cell_rows);
  return {1, 1, w * p.cell_columns, h * p.cell_rows};
}

void TensorView::fitHeight() { setFixedHeight(static_cast<int>(std::ceil(area().height())) + 2); }

void TensorView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (event->size().width() != event->oldSize().width()) fitHeight();
}

QRectF TensorView::cellRect(int row, int column) const {
  const QRectF box = area();
  const qreal w = box.width() / window_.picture.cell_columns;
  const qreal h = box.height() / window_.picture.cell_rows;
  return {box.x() + column * w, box.y() + row * h, w, h};
}

void TensorView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (empty_) return;
  const QRectF box = area();
  if (!window_.computed) {
    painter.fillRect(box, theme_.surface);
    painter.fillRect(box, QBrush(theme_.line, Qt::BDiagPattern));
    painter.setPen(theme_.line);
    painter.drawRect(box);
    painter.setFont(textFont(TextSize::normal));
    QRectF label = absentRect().adjusted(-8, -4, 8, 4);
    label.moveCenter(box.center());
    painter.fillRect(label, theme_.panel);
    painter.setPen(theme_.muted);
    painter.drawText(label, Qt::AlignCenter | Qt::TextWordWrap, absent_);
    return;
  }
  const TensorPicture& p = window_.picture;
  if (p.cells.empty()) {
    painter.setPen(theme_.muted);
    painter.drawText(box, Qt::AlignCenter, tr("no elements"));
    return;
  }
  const double most = std::max(std::abs(p.min), std::abs(p.max));
  QImage image(p.cell_columns, p.cell_rows, QImage::Format_RGB32);
  for (int r = 0; r < p.cell_rows; ++r) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(r));
    for (int c = 0; c < p.cell_columns; ++c) {
      const double x = static_cast<double>(p.cell(r, c));
      const QColor colour =
          !std::isfinite(x) ? theme_.error : diverging(most > 0 ? x / most : 0, theme_.dark);
      line[c] = colour.rgb();
    }
  }
  painter.drawImage(box, image);
  painter.setPen(QPen(theme_.line, 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(box);
  const bool exact = p.cell_rows == p.rows && p.cell_columns == p.columns;
  const QRectF cell = cellRect(0, 0);
  const QFont font = numberFont(TextSize::small);
  const QFontMetricsF metrics(font);
  if (!exact || cell.width() < metrics.horizontalAdvance(QStringLiteral("−0.0000")) + 4 ||
      cell.height() < metrics.height()) {
    return;
  }
  painter.setFont(font);
  for (int r = 0; r < p.cell_rows; ++r) {
    for (int c = 0; c < p.cell_columns; ++c) {
      const double x = static_cast<double>(p.cell(r, c));
      const QColor back = image.pixelColor(c, r);
      painter.setPen(back.lightness() > 140 ? Qt::black : Qt::white);
      painter.drawText(cellRect(r, c), Qt::AlignCenter, numberText(x, window_.dtype));
    }
  }
}

bool TensorView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || empty_ || !window_.computed) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const TensorPicture& p = window_.picture;
  const QRectF box = area();
  if (p.cells.empty() || !box.contains(help->pos())) {
    QToolTip::hideText();
    return true;
  }
  const int c =
      std::min(static_cast<int>((help->pos().x() - box.x()) / box.width() * p.cell_columns),
               p.cell_columns - 1);
  const int r = std::min(static_cast<int>((help->pos().y() - box.y()) / box.height() * p.cell_rows),
                         p.cell_rows - 1);
  const double x = static_cast<double>(p.cell(r, c));
  const bool exact = p.cell_rows == p.rows && p.cell_columns == p.columns;
  const QString where = exact ? tr("row %1, column %2").arg(r).arg(c)
                              : tr("mean of a block near row %1, column %2")
                                    .arg(r * p.rows / p.cell_rows)
                                    .arg(c * p.columns / p.cell_columns);
  QToolTip::showText(help->globalPos(), where + '\n' + QString::number(x, 'g', 8), this);
  return true;
}

}  // namespace gradus::ui
