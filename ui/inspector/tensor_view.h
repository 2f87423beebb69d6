// A tensor as a picture: signed values on a map whose middle is exactly 0, with the numbers in the
// cells where they fit. What is not computed yet is hatched, so that it never looks like zero.
#pragma once

#include <QWidget>

#include "core/session/step_event.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class TensorView final : public QWidget {
  Q_OBJECT

 public:
  explicit TensorView(QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  // `absent`: why there is nothing, where there is nothing.
  void setWindow(const ValueWindow& window, const QString& absent = tr("not computed yet"));
  void clear();  // nothing to show at all

  QSize minimumSizeHint() const override { return {160, 64}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool event(QEvent* event) override;  // tool tips: the number under the mouse

 private:
  QRectF cellRect(int row, int column) const;
  QRectF absentRect() const;  // of the words that stand for what is not there
  QRectF area() const;
  void fitHeight();  // to what is shown

  Theme theme_;
  ValueWindow window_;
  QString absent_;
  bool empty_ = true;
};

// A number in about `width` characters, as PyTorch would shorten it.
QString numberText(double value, DType dtype);

}  // namespace gradus::ui
