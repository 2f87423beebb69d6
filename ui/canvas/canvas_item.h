// A thing on a canvas that can be selected, by mouse or key, and has a name for those who do not
// see it.
#pragma once

#include <QGraphicsObject>

namespace gradus::ui {

class CanvasItem : public QGraphicsObject {
  Q_OBJECT

 public:
  using QGraphicsObject::QGraphicsObject;

  virtual QString spokenName() const = 0;   // "Linear hidden"
  virtual QString spokenState() const = 0;  // "2 → 8", or what is wrong
};

}  // namespace gradus::ui
