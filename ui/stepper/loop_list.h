// The training loop, one step in a line, with a mark at the one that comes next.
#pragma once

#include <QListWidget>

#include "ui/bridge/engine_bridge.h"
#include "ui/document/document.h"
#include "ui/theme/theme.h"

namespace gradus::ui {

class LoopList final : public QListWidget {
  Q_OBJECT

 public:
  LoopList(Document& document, EngineBridge& bridge, QWidget* parent = nullptr);
  void setTheme(const Theme& theme);

 private:
  void fill();
  void mark();

  Document& document_;
  EngineBridge& bridge_;
  Theme theme_;
};

}  // namespace gradus::ui
