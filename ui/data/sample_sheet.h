// Test images with their true and predicted class; wrong ones are marked by a sign and a frame.
#pragma once

#include <QWidget>
#include <vector>

#include "core/session/engine_thread.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class SampleSheet final : public QWidget {
  Q_OBJECT

 public:
  explicit SampleSheet(QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  // The data set at work: how its samples look, and what its classes are called.
  void setDataset(const event::Loaded& loaded);
  void setPredictions(const event::Predictions& predictions);
  void clear();
  // What to ask the engine for.
  command::Predict request() const;

  QSize minimumSizeHint() const override { return {240, 160}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Layout {
    int columns = 1;
    qreal cell = 72;
  };
  Layout layoutFor() const;
  QRectF cellRect(size_t i) const;
  QString className(int64_t label) const;

  Theme theme_;
  event::Loaded loaded_;
  event::Predictions predictions_;
  std::vector<QImage> images_;
};

}  // namespace gradus::ui
