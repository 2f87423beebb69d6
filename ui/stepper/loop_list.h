// The training loop, one step in a line, with a mark at the one that comes next.
#pragma once

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <vector>

#include "ui/bridge/engine_bridge.h"
#include "ui/document/document.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class LoopList final : public QScrollArea {
  Q_OBJECT

 public:
  LoopList(Document& document, EngineBridge& bridge, QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  const std::vector<QLabel*>& lines() const { return lines_; }
  // Of lines(); -1 while it runs and at the end.
  int next() const { return next_; }

 private:
  void fill();
  void mark();

  Document& document_;
  EngineBridge& bridge_;
  Theme theme_;
  QVBoxLayout* column_;
  std::vector<QLabel*> lines_;
  int next_ = -1;
};

}  // namespace gradus::ui
