#include "ui/theme/theme.h"

#include <QFontDatabase>
#include <algorithm>
#include <cmath>

namespace gradus::ui {
namespace {

// Okabe, M. and Ito, K., "Color Universal Design", 2008.
const QColor kBlack(0x00, 0x00, 0x00), kOrange(0xE6, 0x9F, 0x00), kSky(0x56, 0xB4, 0xE9),
    kGreen(0x00, 0x9E, 0x73), kYellow(0xF0, 0xE4, 0x42), kBlue(0x00, 0x72, 0xB2),
    kVermilion(0xD5, 0x5E, 0x00), kPurple(0xCC, 0x79, 0xA7);

QColor mix(const QColor& a, const QColor& b, double t) {
  const auto channel = [t](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * t)); };
  return {channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue())};
}

}  // namespace

Theme Theme::light() {
  Theme t;
  t.dark = false;
  t.surface = QColor(0xF6, 0xF7, 0xF9);
  t.panel = QColor(0xFF, 0xFF, 0xFF);
  t.line = QColor(0xD5, 0xD9, 0xE0);
  t.text = QColor(0x1B, 0x1F, 0x27);
  t.muted = QColor(0x5C, 0x65, 0x73);
  t.accent = QColor(0x1F, 0x5F, 0xBF);
  t.onAccent = QColor(0xFF, 0xFF, 0xFF);
  t.error = QColor(0xC2, 0x4A, 0x00);
  t.leaf = QColor(0x2F, 0x7C, 0xC4);
  return t;
}

Theme Theme::dark_() {
  Theme t;
  t.dark = true;
  t.surface = QColor(0x15, 0x18, 0x1D);
  t.panel = QColor(0x1F, 0x23, 0x2A);
  t.line = QColor(0x3A, 0x41, 0x4C);
  t.text = QColor(0xE8, 0xEB, 0xF0);
  t.muted = QColor(0x9B, 0xA4, 0xB2);
  t.accent = QColor(0x6A, 0xA8, 0xFF);
  t.onAccent = QColor(0x0B, 0x14, 0x22);
  t.error = QColor(0xFF, 0x8A, 0x4C);
  t.leaf = QColor(0x6F, 0xB6, 0xEE);
  return t;
}

QPalette Theme::palette() const {
  QPalette p;
  p.setColor(QPalette::Window, panel);
  p.setColor(QPalette::WindowText, text);
  p.setColor(QPalette::Base, panel);
  p.setColor(QPalette::AlternateBase, surface);
  p.setColor(QPalette::Text, text);
  p.setColor(QPalette::PlaceholderText, muted);
  p.setColor(QPalette::Button, panel);
  p.setColor(QPalette::ButtonText, text);
  p.setColor(QPalette::BrightText, error);
  p.setColor(QPalette::ToolTipBase, text);
  p.setColor(QPalette::ToolTipText, panel);
  p.setColor(QPalette::Highlight, accent);
  p.setColor(QPalette::HighlightedText, onAccent);
  p.setColor(QPalette::Link, accent);
  p.setColor(QPalette::Light, mix(panel, line, 0.2));
  p.setColor(QPalette::Midlight, mix(panel, line, 0.5));
  p.setColor(QPalette::Mid, line);
  p.setColor(QPalette::Dark, mix(line, text, 0.2));
  p.setColor(QPalette::Shadow, mix(line, kBlack, 0.5));
  for (QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    p.setColor(QPalette::Disabled, role, mix(muted, panel, 0.45));
  }
  return p;
}

QString Theme::styleSheet() const {
  return QStringLiteral(
             "QToolTip { color: %1; background: %2; border: 1px solid %3; padding: 4px 8px; }"
             "QDockWidget::title { padding: 8px; background: %4; color: %5; }"
             "QMainWindow::separator { background: %3; width: 1px; height: 1px; }"
             "QToolBar { border: none; padding: 4px 8px; spacing: 8px; background: %4; }"
             "QStatusBar { color: %5; background: %4; border-top: 1px solid %3; }"
             "QStatusBar::item { border: none; }"
             "QStatusBar QToolButton { padding: 3px 20px 3px 8px; border: 1px solid transparent;"
             "  border-radius: 4px; }"
             "QStatusBar QToolButton:hover, QStatusBar QToolButton:open { background: %3; }"
             "QStatusBar QToolButton:focus { border-color: %6; }"
             "QStatusBar QToolButton::menu-indicator { subcontrol-origin: border;"
             "  subcontrol-position: center right; right: 6px; }"
             "QTabBar::tab { padding: 8px 16px; color: %5; background: transparent; border: none;"
             "  border-bottom: 2px solid transparent; }"
             "QTabBar::tab:selected { color: %1; border-bottom-color: %6; }"
             "QLineEdit, QPlainTextEdit { border: 1px solid %3;"
             "  border-radius: 4px; padding: 3px 6px; background: %2; color: %1; }"
             "QLineEdit:focus, QPlainTextEdit:focus {"
             "  border-color: %6; }"
             "QTabWidget::pane { border: none; border-top: 1px solid %3; }")
      .arg(text.name(), panel.name(), line.name(), panel.name(), muted.name(), accent.name());
}

QColor Theme::kind(nn::LayerKind kind) const {
  switch (kind) {
    case nn::LayerKind::data:
      return dark ? kSky : kBlue;
    case nn::LayerKind::layer:
      return kGreen;
    case nn::LayerKind::loss:
      return kPurple;
  }
  return muted;
}

QColor Theme::category(Category category) const {
  switch (category) {
    case Category::arithmetic:
      return kOrange;
    case Category::comparison:
      return kYellow;
    case Category::activation:
      return kGreen;
    case Category::product:
      return dark ? kSky : kBlue;
    case Category::reduction:
      return kVermilion;
    case Category::loss:
      return kPurple;
    case Category::movement:
    case Category::indexing:
    case Category::creation:
    case Category::optimizer:
      return muted;
  }
  return muted;
}

QFont textFont(TextSize size, bool bold) {
  QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
  font.setPixelSize(static_cast<int>(size));
  font.setBold(bold);
  return font;
}

QFont numberFont(TextSize size) {
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  font.setPixelSize(static_cast<int>(size));
  return font;
}

QColor diverging(double x, bool dark) {
  x = std::clamp(x, -1.0, 1.0);
  const QColor zero = dark ? QColor(0x2A, 0x2E, 0x36) : QColor(0xFF, 0xFF, 0xFF);
  const QColor negative = dark ? QColor(0x5A, 0xA9, 0xF0) : QColor(0x0B, 0x5C, 0xA8);
  const QColor positive = dark ? QColor(0xF2, 0xA0, 0x3D) : QColor(0xC8, 0x6A, 0x00);
  return mix(zero, x < 0 ? negative : positive, std::sqrt(std::abs(x)));
}

}  // namespace gradus::ui
