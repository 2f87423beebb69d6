// What forms are made of. A line of text to edit: while nothing in it is changed, the keys for undo
// and redo mean the network, not the text.
#pragma once

#include <QKeyEvent>
#include <QLineEdit>
#include <QSpinBox>

namespace gradus::ui {

class Field final : public QLineEdit {
 public:
  using QLineEdit::QLineEdit;

 protected:
  bool event(QEvent* event) override {
    if (event->type() == QEvent::ShortcutOverride && !isModified()) {
      const auto* key = static_cast<QKeyEvent*>(event);
      if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
        event->ignore();
        return true;
      }
    }
    return QLineEdit::event(event);
  }
};

// A whole number, taken up when it has been entered.
class NumberField final : public QSpinBox {
 public:
  explicit NumberField(QWidget* parent = nullptr) : QSpinBox(parent) {
    auto* text = new Field(this);
    text->setObjectName(QStringLiteral("qt_spinbox_lineedit"));  // a part, as Qt names its own
    setLineEdit(text);
    setKeyboardTracking(false);
  }
};

}  // namespace gradus::ui
