#include "ui/data/boundary_view.h"

#include <QImage>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace gradus::ui {

BoundaryView::BoundaryView(QWidget* parent) : QWidget(parent), theme_(Theme::light()) {
  setObjectName(QStringLiteral("boundaryView"));
  setAccessibleName(tr("Decision boundary over the training points"));
}

void BoundaryView::setTheme(const Theme& theme) {
  theme_ = theme;
  update();
}

void BoundaryView::setBoundary(const event::Boundary& boundary) {
  boundary_ = boundary;
  update();
}

void BoundaryView::clear() {
  boundary_ = {};
  update();
}

command::MapBoundary BoundaryView::request() const {
  return {-1.6, 2.6, -1.3, 1.8, 84, 62};  // where the two moons lie
}

QColor BoundaryView::classColour(int64_t label) const {
  return label == 0 ? QColor(0x0B, 0x72, 0xB2) : QColor(0xE6, 0x8A, 0x00);
}

void BoundaryView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_.panel);
  const command::MapBoundary& area = boundary_.area;
  if (boundary_.predicted.empty()) {
    painter.setFont(textFont(TextSize::normal));
    painter.setPen(theme_.muted);
    painter.drawText(rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("The points and the network's decision boundary appear here."));
    return;
  }
  const qreal scale = std::min((width() - 2.0 * kGrid) / (area.right - area.left),
                               (height() - 2.0 * kGrid) / (area.top - area.bottom));
  QRectF box(0, 0, scale * (area.right - area.left), scale * (area.top - area.bottom));
  box.moveCenter(QRectF(rect()).center());

  QImage image(area.columns, area.rows, QImage::Format_RGB32);
  const QColor paper = theme_.panel;
  for (int y = 0; y < area.rows; ++y) {
    for (int x = 0; x < area.columns; ++x) {
      const size_t i =
          static_cast<size_t>(y) * static_cast<size_t>(area.columns) + static_cast<size_t>(x);
      if (boundary_.predicted[i] < 0) {  // the scores there are no numbers
        image.setPixel(x, y, ((x + y) % 4 < 2 ? theme_.error : paper).rgb());
        continue;
      }
      const QColor full = classColour(boundary_.predicted[i]);
      const double sure = 0.1 + 0.5 * (2.0 * static_cast<double>(boundary_.confidence[i]) - 1.0);
      const auto mix = [&](int a, int b) { return static_cast<int>(a + (b - a) * sure); };
      image.setPixel(x, y,
                     qRgb(mix(paper.red(), full.red()), mix(paper.green(), full.green()),
                          mix(paper.blue(), full.blue())));
    }
  }
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  painter.drawImage(box, image);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setClipRect(box);
  for (size_t i = 0; i < boundary_.labels.size(); ++i) {
    const QPointF at(
        box.left() + scale * (static_cast<double>(boundary_.points[2 * i]) - area.left),
        box.top() + scale * (area.top - static_cast<double>(boundary_.points[2 * i + 1])));
    painter.setPen(QPen(theme_.panel, 1));
    painter.setBrush(classColour(boundary_.labels[i]));
    if (boundary_.labels[i] == 0) {
      painter.drawEllipse(at, 4, 4);
    } else {
      painter.drawRect(QRectF(at.x() - 3.5, at.y() - 3.5, 7, 7));
    }
  }
  painter.setClipping(false);
  painter.setPen(theme_.line);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(box);
}

}  // namespace gradus::ui
