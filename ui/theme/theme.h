// The lab's looks as values: two sets of colours, one spacing, four sizes of type. A quiet surface
// on which the data carries the colour; every category has a shape or an icon too.
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>

#include "core/nn/layer_def.h"
#include "core/op/op_def.h"

namespace gradus::ui {

constexpr int kGrid = 8;    // pixels; all spacing is a multiple
constexpr int kRadius = 6;  // of corners, in pixels

struct Theme {
  bool dark = false;
  QColor surface;  // canvases
  QColor panel;    // what lies on them: cards, docks
  QColor line;     // borders, grid
  QColor text;
  QColor muted;  // secondary text
  QColor accent;
  QColor onAccent;  // text on the accent
  QColor error;     // vermilion, always with a sign
  QColor leaf;      // parameters in the autograd view

  static Theme light();
  static Theme dark_();

  QPalette palette() const;
  QString styleSheet() const;
  // Okabe and Ito's colours, which colour-blind eyes tell apart.
  QColor kind(nn::LayerKind kind) const;
  QColor category(Category category) const;
};

enum class TextSize { small = 11, normal = 13, title = 15, large = 20 };  // pixels
QFont textFont(TextSize size, bool bold = false);
QFont numberFont(TextSize size);  // monospace, for code and tensors

// Signed values: blue, white (or the dark surface) at exactly 0, orange. `x` from -1 to 1.
QColor diverging(double x, bool dark);

}  // namespace gradus::ui
