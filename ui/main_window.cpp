#include "ui/main_window.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>

#include "core/net/examples.h"
#include "ui/charts/training_charts.h"
#include "ui/dag/dag_view.h"
#include "ui/data/boundary_view.h"
#include "ui/data/sample_sheet.h"
#include "ui/editor/network_scene.h"
#include "ui/editor/network_view.h"
#include "ui/editor/palette.h"
#include "ui/inspector/inspector.h"
#include "ui/stepper/transport_bar.h"

namespace gradus::ui {
namespace {

constexpr int kReloadDelay = 250;  // milliseconds after the last change
constexpr int kLookEvery = 250;    // while it runs

}  // namespace

MainWindow::MainWindow(Document& document, EngineBridge& bridge, const QString& layoutProgram,
                       QWidget* parent)
    : QMainWindow(parent),
      document_(document),
      bridge_(bridge),
      systemTheme_(Theme::system(QApplication::palette())) {
  setObjectName(QStringLiteral("mainWindow"));
  setDockNestingEnabled(true);
  makeViews(layoutProgram);
  makeDocks();
  makeMenus();
  connectDocument();
  connectEngine();
  restoreLayout();
}

// The parts die after this; what they say while they do is not for a window that is gone.
MainWindow::~MainWindow() {
  document_.disconnect(this);
  bridge_.disconnect(this);
  for (QObject* part : findChildren<QObject*>()) part->disconnect(this);
}

void MainWindow::makeViews(const QString& layoutProgram) {
  scene_ = new NetworkScene(document_, this);
  networkView_ = new NetworkView(*scene_, this);
  dag_ = new DagView(layoutProgram, this);
  tabs_ = new QTabWidget(this);
  tabs_->setDocumentMode(true);
  tabs_->addTab(networkView_, tr("Network"));
  tabs_->addTab(dag_, tr("Autograd"));
  tabs_->setAccessibleName(tr("Views of the network"));
  setCentralWidget(tabs_);

  palette_ = new Palette(this);
  inspector_ = new Inspector(document_, this);
  form_ = new TrainingForm(document_, this);
  charts_ = new TrainingCharts(this);
  sheet_ = new SampleSheet(this);
  boundary_ = new BoundaryView(this);
  samples_ = new QStackedWidget(this);
  samples_->addWidget(sheet_);
  samples_->addWidget(boundary_);
  transport_ = new TransportBar(bridge_, this);
  addToolBar(Qt::TopToolBarArea, transport_);

  problem_ = new QLabel(this);
  rate_ = new QLabel(this);
  device_ = new QLabel(this);
  statusBar()->addWidget(problem_, 1);
  statusBar()->addPermanentWidget(rate_);
  statusBar()->addPermanentWidget(device_);
}

void MainWindow::makeDocks() {
  const auto dock = [this](const QString& title, const char* name, QWidget* content,
                           Qt::DockWidgetArea area) {
    auto* widget = new QDockWidget(title, this);
    widget->setObjectName(QString::fromUtf8(name));
    widget->setWidget(content);
    addDockWidget(area, widget);
    return widget;
  };
  dock(tr("Layers"), "dock_palette", palette_, Qt::LeftDockWidgetArea);
  QDockWidget* settings = dock(tr("Training"), "dock_training", form_, Qt::LeftDockWidgetArea);
  QDockWidget* inspector =
      dock(tr("Inspector"), "dock_inspector", inspector_, Qt::RightDockWidgetArea);
  QDockWidget* curves = dock(tr("Curves"), "dock_curves", charts_, Qt::BottomDockWidgetArea);
  QDockWidget* samples = dock(tr("Samples"), "dock_samples", samples_, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  resize(1440, 900);
  resizeDocks({curves, samples}, {300, 300}, Qt::Vertical);
  resizeDocks({curves, samples}, {480, 480}, Qt::Horizontal);
  resizeDocks({inspector}, {320}, Qt::Horizontal);
  resizeDocks({settings}, {220}, Qt::Horizontal);
}

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
  add(examples, tr("&Quickstart: clothes"), {}, [this] { openExample(quickstart_network()); });
  add(examples, tr("&Two moons: every number in view"), {}, [this] { openExample(toy_network()); });
  file->addSeparator();
  add(file, tr("&Save"), QKeySequence::Save, [this] { save(); });
  add(file, tr("Save &as…"), QKeySequence::SaveAs, [this] { saveAs(); });
  file->addSeparator();
  add(file, tr("Save &weights…"), {}, [this] { saveWeights(); });
  add(file, tr("Export curves as &picture…"), {}, [this] { exportPicture(); });
  add(file, tr("Export curves as &CSV…"), {}, [this] { exportCsv(); });
  file->addSeparator();
  add(file, tr("&Quit"), QKeySequence::Quit, [this] { close(); });

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
  add(edit, tr("&Delete"), {}, [this] { scene_->removeSelected(); });

  QMenu* view = menuBar()->addMenu(tr("&View"));
  add(view, tr("&Network"), QKeySequence(tr("Ctrl+1")), [this] { tabs_->setCurrentIndex(0); });
  add(view, tr("&Autograd"), QKeySequence(tr("Ctrl+2")), [this] { tabs_->setCurrentIndex(1); });
  view->addSeparator();
  add(view, tr("Zoom &in"), QKeySequence::ZoomIn, [this] { networkView_->zoomIn(); });
  add(view, tr("Zoom &out"), QKeySequence::ZoomOut, [this] { networkView_->zoomOut(); });
  add(view, tr("&Fit"), QKeySequence(tr("Ctrl+0")),
      [this] { tabs_->currentIndex() == 0 ? networkView_->fit() : dag_->fit(); });
  view->addSeparator();
  for (QDockWidget* dock : findChildren<QDockWidget*>()) view->addAction(dock->toggleViewAction());
  QMenu* looks = view->addMenu(tr("A&ppearance"));
  auto* group = new QActionGroup(this);
  const std::pair<QString, Appearance> all[] = {{tr("As the &system"), Appearance::system},
                                                {tr("&Light"), Appearance::light},
                                                {tr("&Dark"), Appearance::dark}};
  for (const auto& [name, appearance] : all) {
    QAction* action = add(looks, name, {}, [this, which = appearance] { setAppearance(which); });
    action->setCheckable(true);
    action->setData(static_cast<int>(appearance));
    group->addAction(action);
  }

  QMenu* train = menuBar()->addMenu(tr("&Train"));
  for (QAction* action : transport_->moves()) train->addAction(action);

  QMenu* help = menuBar()->addMenu(tr("&Help"));
  add(help, tr("&About Gradus"), {}, [this] {
    QMessageBox::about(this, tr("About Gradus"),
                       tr("<b>Gradus %1</b><p>See how neural networks learn: one op at a time, in "
                          "both directions, with the real numbers in view.</p>")
                           .arg(QApplication::applicationVersion()));
  });
}

void MainWindow::connectDocument() {
  connect(&document_, &Document::opened, this, [this] {
    charts_->begin(1, 1, 0);
    QTimer::singleShot(0, networkView_, &NetworkView::fit);
  });
  connect(&document_, &Document::structureChanged, this, [this] {
    dag_->setPlan(document_.plan(), document_.graph(), document_.problem());
    problem_->setText(document_.problem().isEmpty() ? QString()
                                                    : QStringLiteral("⚠ ") + document_.problem());
    problem_->setToolTip(document_.problem());
    reloadSoon();
  });
  connect(&document_, &Document::courseChanged, this, &MainWindow::reloadSoon);
  connect(&document_, &Document::fileChanged, this, &MainWindow::showTitle);

  connect(palette_, &Palette::chosen, scene_, &NetworkScene::addNode);
  connect(scene_, &NetworkScene::nodeSelected, this, &MainWindow::select);
  connect(dag_, &DagView::nodeSelected, this, &MainWindow::select);
  connect(dag_, &DagView::said, this, [this](const QString& text) { say(text); });
  connect(inspector_, &Inspector::requestsChanged, this, &MainWindow::askForValues);
  connect(inspector_, &Inspector::refused, this, &MainWindow::showError);
  connect(form_, &TrainingForm::refused, this, &MainWindow::showError);
  connect(&document_, &Document::trainingChanged, this, [this] {
    const optim::Hyper& hyper = document_.graph().training.optimizer;
    if (hyper == hyper_) return;
    hyper_ = hyper;
    bridge_.setHyper(hyper);
  });
  reloadTimer_.setSingleShot(true);
  reloadTimer_.setInterval(kReloadDelay);
  connect(&reloadTimer_, &QTimer::timeout, this, &MainWindow::reload);
}

void MainWindow::connectEngine() {
  using State = EngineBridge::State;
  connect(&bridge_, &EngineBridge::stateChanged, this, [this](State state) {
    const bool running = state == State::running;
    dag_->setRunning(running);
    form_->setLocked(bridge_.busy());
    running ? lookTimer_.start() : lookTimer_.stop();
    if (running) scene_->setActiveNode(0);
  });
  connect(&bridge_, &EngineBridge::loaded, this, [this](const event::Loaded& loaded) {
    const Training& training = document_.graph().training;
    charts_->begin(training.epochs, loaded.batches_per_epoch, loaded.train_size);
    planar_ = numel(loaded.sample_shape) == 2;
    samples_->setCurrentIndex(planar_ ? 1 : 0);
    sheet_->setDataset(loaded);
    boundary_->clear();
    dag_->setProgress({});
    scene_->setActiveNode(0);
    device_->setText(tr("%1 · %2").arg(QString::fromStdString(loaded.device),
                                       QString::fromStdString(loaded.dataset)));
    rate_->clear();
    lookPending_ = samplesPending_ = false;
    askForSamples();
    askForValues();
    if (std::exchange(runWhenLoaded_, false)) bridge_.run();
  });
  connect(&bridge_, &EngineBridge::progressed, this, [this](const event::Progress& progress) {
    charts_->addProgress(progress);
    rate_->setText(tr("%L1 samples/s").arg(std::llround(charts_->samplesPerSecond())));
  });
  connect(&bridge_, &EngineBridge::epochDone, this, [this](const event::EpochDone& epoch) {
    charts_->addEpoch(epoch);
    askForSamples();
  });
  connect(&bridge_, &EngineBridge::stepped, this, [this](const event::Stepped& stepped) {
    const StepResult& result = stepped.step.result;
    dag_->setProgress(stepped.graph);
    scene_->setActiveNode(result.node);
    const Cursor& cursor = stepped.cursor;
    if (stepped.backwards) {
      charts_->rewind(cursor);
    } else if (result.ends_batch && result.phase != Phase::evaluate) {
      const int64_t batch = document_.graph().training.batch_size;
      charts_->addProgress({{{result.epoch, result.batch, batch, stepped.metrics.loss}}, 0, 0});
    }
    if (!stepped.backwards && result.ends_epoch) {
      charts_->addEpoch({result.epoch, stepped.metrics, 0, 0});
    }
    // What is predicted changes with the weights.
    if (stepped.backwards || result.phase == Phase::update || result.ends_batch) askForSamples();
    askForValues();
  });
  connect(&bridge_, &EngineBridge::valuesCame, this, [this](const event::Values& values) {
    lookPending_ = false;
    inspector_->setValues(values);
  });
  connect(&bridge_, &EngineBridge::predictionsCame, this, [this](const event::Predictions& came) {
    samplesPending_ = false;
    sheet_->setPredictions(came);
  });
  connect(&bridge_, &EngineBridge::boundaryCame, this, [this](const event::Boundary& came) {
    samplesPending_ = false;
    boundary_->setBoundary(came);
  });
  connect(&bridge_, &EngineBridge::stopped, this, [this](const event::Stopped& stopped) {
    charts_->flush();
    GraphProgress graph = stopped.graph;
    graph.current = -1;  // nobody watched the last step
    dag_->setProgress(graph);
    askForValues();
    askForSamples();
    if (stopped.finished) say(tr("Training is done."));
  });
  connect(&bridge_, &EngineBridge::saved, this,
          [this](const QString& file) { say(tr("Saved the weights to %1").arg(file)); });
  connect(&bridge_, &EngineBridge::failed, this, [this](const QString& message, bool diverged) {
    charts_->flush();
    lookPending_ = samplesPending_ = false;
    showError(diverged ? tr("Training has diverged and was stopped.\n\n%1").arg(message) : message);
  });
  connect(&bridge_, &EngineBridge::lookFailed, this, [this](const QString& message) {
    lookPending_ = samplesPending_ = false;
    say(message);
  });
  transport_->beforeMove = [this] {
    if (QWidget* field = focusWidget()) field->clearFocus();  // takes up what was typed
  };
  connect(transport_, &TransportBar::runWanted, this, [this] {
    transport_->beforeMove();
    runWhenLoaded_ = bridge_.state() == EngineBridge::State::loading;
    bridge_.run();
  });
  connect(transport_, &TransportBar::stopWanted, &bridge_, &EngineBridge::stop);
  connect(transport_, &TransportBar::resetWanted, this, [this] {
    reload();
    say(tr("Started over with the first weights."));
  });
  lookTimer_.setInterval(kLookEvery);
  connect(&lookTimer_, &QTimer::timeout, this, [this] {
    askForValues();
    if (planar_) askForSamples();
  });
}

void MainWindow::reloadSoon() {
  runWhenLoaded_ = false;
  bridge_.invalidate();
  reloadTimer_.start();
}

void MainWindow::reload() {
  reloadTimer_.stop();
  inspector_->forgetValues();
  hyper_ = document_.graph().training.optimizer;
  if (document_.plan()) {
    bridge_.load(document_.graph());
  } else {
    bridge_.unload();
    charts_->begin(1, 1, 0);
    sheet_->clear();
    boundary_->clear();
  }
}

// One question at a time: while the engine has not answered, the next can wait.
void MainWindow::askForValues() {
  const std::vector<ValueRequest> requests = inspector_->requests();
  if (requests.empty()) return;
  if (bridge_.state() == EngineBridge::State::running) {
    if (lookPending_) return;
    lookPending_ = true;
  }
  bridge_.look(requests);
}

void MainWindow::askForSamples() {
  if (samplesPending_ || !bridge_.hasSession()) return;
  samplesPending_ = true;
  planar_ ? bridge_.mapBoundary(boundary_->request()) : bridge_.predict(sheet_->request());
}

void MainWindow::select(NodeId node) {
  if (std::exchange(selecting_, true)) return;
  scene_->select(node);
  dag_->select(node);
  inspector_->setNode(node);
  selecting_ = false;
}

void MainWindow::showTitle() {
  setWindowTitle(tr("%1[*] – Gradus").arg(document_.title()));
  setWindowModified(document_.isModified());
}

void MainWindow::say(const QString& text, int milliseconds) {
  statusBar()->showMessage(text, milliseconds);
}

void MainWindow::showError(const QString& text) {
  if (answer) {
    answer(text);
    return;
  }
  auto* box = new QMessageBox(QMessageBox::Warning, tr("Gradus"), text, QMessageBox::Ok, this);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->open();  // does not hold the window up
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!mayLeave(tr("Close Gradus?"))) {
    event->ignore();
    return;
  }
  bridge_.stop();
  QSettings settings;
  settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
  settings.setValue(QStringLiteral("window/state"), saveState());
  event->accept();
}

void MainWindow::restoreLayout() {
  const QSettings settings;
  restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
  restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
  setAppearance(
      static_cast<Appearance>(settings.value(QStringLiteral("window/appearance"), 0).toInt()));
}

void MainWindow::setAppearance(Appearance appearance) {
  theme_ = appearance == Appearance::light  ? Theme::light()
           : appearance == Appearance::dark ? Theme::dark_()
                                            : systemTheme_;
  QSettings().setValue(QStringLiteral("window/appearance"), static_cast<int>(appearance));
  for (QAction* action : findChildren<QAction*>()) {
    if (action->actionGroup() && action->data().isValid()) {
      action->setChecked(action->data().toInt() == static_cast<int>(appearance));
    }
  }
  applyTheme();
}

void MainWindow::applyTheme() {
  QApplication::setPalette(theme_.palette());
  qApp->setStyleSheet(theme_.styleSheet());
  QApplication::setFont(textFont(TextSize::normal));
  scene_->setTheme(theme_);
  networkView_->setTheme(theme_);
  dag_->setTheme(theme_);
  palette_->setTheme(theme_);
  inspector_->setTheme(theme_);
  transport_->setTheme(theme_);
  charts_->setTheme(theme_);
  sheet_->setTheme(theme_);
  boundary_->setTheme(theme_);
  problem_->setStyleSheet(QStringLiteral("color: %1;").arg(theme_.error.name()));
}

}  // namespace gradus::ui
