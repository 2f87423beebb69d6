// For samples of two numbers: the plane in the colours of the predicted classes, the surer the
// stronger, and the training points on it; each class has a shape of its own.
#pragma once

#include <QWidget>

#include "core/session/engine_thread.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class BoundaryView final : public QWidget {
  Q_OBJECT

 public:
  explicit BoundaryView(QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  void setBoundary(const event::Boundary& boundary);
  void clear();
  command::MapBoundary request() const;

  QSize minimumSizeHint() const override { return {240, 160}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QColor classColour(int64_t label) const;

  Theme theme_;
  event::Boundary boundary_;
};

}  // namespace gradus::ui
