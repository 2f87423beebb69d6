// Our own simple icons, drawn in the colour asked for.
#pragma once

#include <QColor>
#include <QIcon>

namespace gradus::ui {

enum class Symbol { run, pause, back, step, stepLayer, stepBatch, stop };
QIcon icon(Symbol symbol, const QColor& colour, const QColor& disabled);

}  // namespace gradus::ui
