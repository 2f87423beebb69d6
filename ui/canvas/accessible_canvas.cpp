// Canvases for screen readers: a canvas has its items as children, each with a name, a state and a
// place on the screen.
#include <QAccessibleObject>
#include <QAccessibleWidget>

#include "ui/canvas/canvas_view.h"

namespace gradus::ui {
namespace {

CanvasView* viewOf(const CanvasItem& item) {
  if (!item.scene() || item.scene()->views().isEmpty()) return nullptr;
  return qobject_cast<CanvasView*>(item.scene()->views().first());
}

class AccessibleItem final : public QAccessibleObject {
 public:
  explicit AccessibleItem(CanvasItem* item) : QAccessibleObject(item) {}

  QAccessible::Role role() const override { return QAccessible::ListItem; }
  QString text(QAccessible::Text kind) const override {
    if (kind == QAccessible::Name) return item().spokenName();
    if (kind == QAccessible::Description) return item().spokenState();
    return {};
  }
  QRect rect() const override {
    const CanvasView* view = viewOf(item());
    if (!view) return {};
    const QRect box = view->mapFromScene(item().sceneBoundingRect()).boundingRect();
    return {view->viewport()->mapToGlobal(box.topLeft()), box.size()};
  }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.selectable = state.focusable = true;
    state.selected = item().isSelected();
    const CanvasView* view = viewOf(item());
    state.focused = view && view->hasFocus() && view->selected() == &item();
    return state;
  }
  QAccessibleInterface* parent() const override {
    return QAccessible::queryAccessibleInterface(viewOf(item()));
  }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }

 private:
  CanvasItem& item() const { return *static_cast<CanvasItem*>(object()); }
};

class AccessibleCanvas final : public QAccessibleWidget {
 public:
  explicit AccessibleCanvas(CanvasView* view) : QAccessibleWidget(view, QAccessible::List) {}

  int childCount() const override { return static_cast<int>(view().canvasItems().size()); }
  QAccessibleInterface* child(int i) const override {
    return QAccessible::queryAccessibleInterface(view().canvasItems().value(i));
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    return static_cast<int>(
        view().canvasItems().indexOf(qobject_cast<CanvasItem*>(child->object())));
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    for (CanvasItem* item : view().canvasItems()) {
      QAccessibleInterface* found = QAccessible::queryAccessibleInterface(item);
      if (found && found->rect().contains(x, y)) return found;
    }
    return nullptr;
  }
  QAccessibleInterface* focusChild() const override {
    return view().hasFocus() ? QAccessible::queryAccessibleInterface(view().selected()) : nullptr;
  }

 private:
  CanvasView& view() const { return *static_cast<CanvasView*>(object()); }
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
  if (auto* view = qobject_cast<CanvasView*>(object)) return new AccessibleCanvas(view);
  if (auto* item = qobject_cast<CanvasItem*>(object)) return new AccessibleItem(item);
  return nullptr;
}

}  // namespace

void installCanvasAccessibility() { QAccessible::installFactory(makeInterface); }

}  // namespace gradus::ui
