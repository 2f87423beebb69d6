// The window's menus.
#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QTabWidget>

#include "core/io/examples.h"
#include "ui/dag/dag_view.h"
#include "ui/editor/network_scene.h"
#include "ui/editor/network_view.h"
#include "ui/editor/palette.h"
#include "ui/main_window.h"
#include "ui/stepper/transport_bar.h"

namespace gradus::ui {

// Everything that can be done has a key, here or in the transport.
void MainWindow::makeMenus() {
  const auto add = [this](QMenu* menu, const QString& name, const QKeySequence& key, auto slot) {
    QAction* action = menu->addAction(name);
    action->setShortcut(key);
    connect(action, &QAction::triggered, this, slot);
    return action;
  };
  QMenu* file = menuBar()->addMenu(tr("&File"));
  add(file, tr("&Open…"), QKeySequence::Open, [this] { open(); });
  QMenu* recent = file->addMenu(tr("Open &recent"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(recent); });
  QMenu* examples = file->addMenu(tr("&Examples"));
  add(examples, tr("&Quickstart: clothes"), QKeySequence(tr("Ctrl+Alt+1")),
      [this] { openExample(quickstart_network()); });
  add(examples, tr("&Two moons: every number in view"), QKeySequence(tr("Ctrl+Alt+2")),
      [this] { openExample(toy_network()); });
  QMenu* drawings = examples->addMenu(tr("Tensors and &autograd"));
  for (const Example& one : all_examples()) {
    const NetGraph graph = example(one.name);
    if (graph.training.has_data()) continue;
    connect(drawings->addAction(QString::fromStdString(graph.title)), &QAction::triggered, this,
            [this, graph] { openExample(graph); });
  }
  file->addSeparator();
  add(file, tr("&Save"), QKeySequence::Save, [this] { save(); });
  add(file, tr("Save &as…"), QKeySequence(tr("Ctrl+Shift+S")), [this] { saveAs(); });
  file->addSeparator();
  add(file, tr("Save &weights…"), QKeySequence(tr("Ctrl+Shift+W")), [this] { saveWeights(); });
  add(file, tr("Export curves as &picture…"), QKeySequence(tr("Ctrl+E")),
      [this] { exportPicture(); });
  add(file, tr("Export curves as &CSV…"), QKeySequence(tr("Ctrl+Shift+E")),
      [this] { exportCsv(); });
  file->addSeparator();
  add(file, tr("&Quit"), QKeySequence(tr("Ctrl+Q")), [this] { close(); });

  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  QAction* undo = document_.undoStack().createUndoAction(this, tr("&Undo"));
  undo->setShortcut(QKeySequence::Undo);
  QAction* redo = document_.undoStack().createRedoAction(this, tr("&Redo"));
  QList<QKeySequence> redoKeys = QKeySequence::keyBindings(QKeySequence::Redo);
  if (!redoKeys.contains(QKeySequence(tr("Ctrl+Y")))) redoKeys.append(QKeySequence(tr("Ctrl+Y")));
  redo->setShortcuts(redoKeys);
  edit->addAction(undo);
  edit->addAction(redo);
  edit->addSeparator();
  add(edit, tr("&Find a layer"), QKeySequence::Find, [this] { palette_->beginSearch(); });
  // The canvas's own: single keys, which mean letters elsewhere.
  const auto addHere = [&](const QString& name, const QKeySequence& key, auto slot) {
    QAction* action = add(edit, name, key, slot);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    networkView_->addAction(action);
  };
  addHere(tr("&Connect from the selected node"), QKeySequence(tr("C")),
          [this] { scene_->beginWireFromSelected(); });
  addHere(tr("Select its next &wire"), QKeySequence(tr("W")), [this] { scene_->selectNextWire(); });
  addHere(tr("&Delete"), QKeySequence(Qt::Key_Delete), [this] { scene_->removeSelected(); });

  QMenu* view = menuBar()->addMenu(tr("&View"));
  const auto canvas = [this] { return qobject_cast<CanvasView*>(tabs_->currentWidget()); };
  const auto show = [this](int tab) {
    tabs_->setCurrentIndex(tab);
    tabs_->currentWidget()->setFocus();
  };
  add(view, tr("&Network"), QKeySequence(tr("Ctrl+1")), [show] { show(0); });
  add(view, tr("&Autograd"), QKeySequence(tr("Ctrl+2")), [show] { show(1); });
  view->addSeparator();
  add(view, tr("Zoom &in"), QKeySequence::ZoomIn, [canvas] {
    canvas()->zoomIn();
  })->setShortcuts({QKeySequence(tr("Ctrl++")), QKeySequence(tr("Ctrl+="))});
  add(view, tr("Zoom &out"), QKeySequence::ZoomOut, [canvas] { canvas()->zoomOut(); });
  add(view, tr("&Fit"), QKeySequence(tr("Ctrl+0")), [canvas] { canvas()->fit(); });
  view->addSeparator();
  int number = 0;
  for (QDockWidget* dock : findChildren<QDockWidget*>()) {
    QAction* toggle = dock->toggleViewAction();
    toggle->setShortcut(QKeySequence(tr("Alt+%1").arg(++number)));
    connect(toggle, &QAction::triggered, dock, [dock](bool shown) {
      if (shown) dock->widget()->setFocus();
    });
    view->addAction(toggle);
  }
  view->addSeparator();
  QMenu* looks = view->addMenu(tr("A&ppearance"));
  auto* group = new QActionGroup(this);
  const std::tuple<QString, QString, Appearance> all[] = {
      {tr("As the &system"), tr("Ctrl+Shift+Y"), Appearance::system},
      {tr("&Light"), tr("Ctrl+Shift+L"), Appearance::light},
      {tr("&Dark"), tr("Ctrl+Shift+D"), Appearance::dark}};
  for (const auto& [name, key, appearance] : all) {
    QAction* action =
        add(looks, name, QKeySequence(key), [this, which = appearance] { setAppearance(which); });
    action->setCheckable(true);
    action->setData(static_cast<int>(appearance));
    group->addAction(action);
  }

  QMenu* train = menuBar()->addMenu(tr("&Train"));
  for (const QList<QAction*>& moves : transport_->groups()) {
    train->addActions(moves);
    train->addSeparator();
  }
  train->addMenu(devices_);

  QMenu* help = menuBar()->addMenu(tr("&Help"));
  add(help, tr("&About Gradus"), QKeySequence(Qt::Key_F1), [this] {
    QMessageBox::about(this, tr("About Gradus"),
                       tr("<b>Gradus %1</b><p>See how neural networks learn: one op at a time, in "
                          "both directions, with the real numbers in view.</p>")
                           .arg(QApplication::applicationVersion()));
  });
}

}  // namespace gradus::ui
