#include "ui/stepper/icons.h"

#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

namespace gradus::ui {
namespace {

// On a grid of 24 × 24.
QPainterPath shapeOf(Symbol symbol) {
  QPainterPath path;
  const auto triangle = [&](qreal x, qreal width) {
    path.moveTo(x, 5);
    path.lineTo(x + width, 12);
    path.lineTo(x, 19);
    path.closeSubpath();
  };
  switch (symbol) {
    case Symbol::run:
      triangle(7, 12);
      break;
    case Symbol::pause:
      path.addRoundedRect(6, 5, 4, 14, 1, 1);
      path.addRoundedRect(14, 5, 4, 14, 1, 1);
      break;
    case Symbol::back:
      triangle(17, -9);
      path.addRoundedRect(5, 5, 3, 14, 1, 1);
      break;
    case Symbol::step:
      triangle(7, 9);
      path.addRoundedRect(16, 5, 3, 14, 1, 1);
      break;
    case Symbol::stepLayer:
      triangle(3, 8);
      path.addRoundedRect(12, 5, 3, 14, 1, 1);
      path.addRoundedRect(17, 5, 3, 14, 1, 1);
      break;
    case Symbol::stepBatch:
      triangle(2, 8);
      triangle(10, 8);
      path.addRoundedRect(19, 5, 3, 14, 1, 1);
      break;
    case Symbol::stop:
      path.addRoundedRect(6, 6, 12, 12, 1, 1);
      break;
  }
  return path;
}

}  // namespace

QIcon icon(Symbol symbol, const QColor& colour, const QColor& disabled) {
  QIcon result;
  for (const auto& [mode, ink] : {std::pair{QIcon::Normal, colour}, {QIcon::Disabled, disabled}}) {
    for (int size : {24, 48}) {
      QPixmap picture(size, size);
      picture.fill(Qt::transparent);
      QPainter painter(&picture);
      painter.setRenderHint(QPainter::Antialiasing);
      painter.scale(size / 24.0, size / 24.0);
      painter.fillPath(shapeOf(symbol), ink);
      painter.end();
      result.addPixmap(picture, mode);
    }
  }
  return result;
}

}  // namespace gradus::ui
