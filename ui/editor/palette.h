// What can be put on the canvas: every layer and op of the registries, with a search. Drag one onto
// the canvas, double-click it, or press Enter.
#pragma once

#include <QLineEdit>
#include <QTreeWidget>
#include <QWidget>

#include "ui/theme/theme.h"

namespace gradus::ui {

class Palette final : public QWidget {
  Q_OBJECT

 public:
  explicit Palette(QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void beginSearch();

 signals:
  void chosen(const QString& type);

 private:
  void filter(const QString& words);

  QLineEdit* search_;
  QTreeWidget* tree_;
};

}  // namespace gradus::ui
