#include "ui/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolButton>

#include "ui/charts/training_charts.h"
#include "ui/dag/dag_view.h"
#include "ui/data/boundary_view.h"
#include "ui/data/sample_sheet.h"
#include "ui/editor/network_scene.h"
#include "ui/editor/network_view.h"
#include "ui/editor/palette.h"
#include "ui/inspector/inspector.h"
#include "ui/stepper/loop_list.h"
#include "ui/stepper/transport_bar.h"

namespace gradus::ui {
namespace {

constexpr int kReloadDelay = 250;  // milliseconds after the last change

}  // namespace

MainWindow::MainWindow(Document& document, EngineBridge& bridge, const QString& layoutProgram,
                       QWidget* parent)
    : QMainWindow(parent), document_(document), bridge_(bridge) {
  installCanvasAccessibility();
  setObjectName(QStringLiteral("mainWindow"));
  setDockNestingEnabled(true);
  makeViews(layoutProgram);
  makeDocks();
  makeMenus();
  connectDocument();
  connectEngine();
  connect(&system_, &SystemAppearance::changed, this, &MainWindow::applyTheme);
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
  loop_ = new LoopList(document_, bridge_, this);
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
  dataset_ = new QLabel(this);
  devices_ = new QMenu(tr("&Device"), this);
  connect(devices_, &QMenu::aboutToShow, this, [this] {
    if (devices_->isEmpty()) devices_->addAction(tr("Looking for GPUs…"))->setEnabled(false);
    bridge_.listDevices();
  });
  device_ = new QToolButton(this);
  device_->setObjectName(QStringLiteral("device"));
  device_->setAutoRaise(true);
  device_->setPopupMode(QToolButton::InstantPopup);
  device_->setMenu(devices_);
  showDevice();
  device_->setAccessibleName(device_->toolTip());
  statusBar()->addWidget(problem_, 1);
  statusBar()->addPermanentWidget(rate_);
  statusBar()->addPermanentWidget(dataset_);
  statusBar()->addPermanentWidget(device_);
}

void MainWindow::showDocksFor(bool hasData) {
  for (QDockWidget* dock : hasData ? std::exchange(hidden_, {}) : std::vector<QDockWidget*>()) {
    dock->show();
  }
  for (QDockWidget* dock : hasData ? std::vector<QDockWidget*>() : dataDocks_) {
    if (dock->isHidden()) continue;
    dock->hide();
    hidden_.push_back(dock);
  }
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
  auto* training = new QWidget(this);
  training->setFocusProxy(form_);
  auto* column = new QVBoxLayout(training);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(form_);
  column->addWidget(loop_, 1);
  QDockWidget* settings = dock(tr("Training"), "dock_training", training, Qt::LeftDockWidgetArea);
  QDockWidget* inspector =
      dock(tr("Inspector"), "dock_inspector", inspector_, Qt::RightDockWidgetArea);
  QDockWidget* curves = dock(tr("Curves"), "dock_curves", charts_, Qt::BottomDockWidgetArea);
  QDockWidget* samples = dock(tr("Samples"), "dock_samples", samples_, Qt::BottomDockWidgetArea);
  dataDocks_ = {curves, samples};
  setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  resize(1440, 900);
  resizeDocks({curves, samples}, {300, 300}, Qt::Vertical);
  resizeDocks({curves, samples}, {480, 480}, Qt::Horizontal);
  resizeDocks({inspector}, {320}, Qt::Horizontal);
  resizeDocks({settings}, {220}, Qt::Horizontal);
}

void MainWindow::connectDocument() {
  connect(&document_, &Document::opened, this, [this] {
    bridge_.invalidate();
    whenLoaded_ = {};
    charts_->begin(1, 1, 0);
    showDocksFor(document_.graph().training.has_data());
    QTimer::singleShot(0, networkView_, &NetworkView::fit);
  });
  connect(&document_, &Document::structureChanged, this, [this] {
    dag_->setPlan(document_.plan(), document_.graph(), document_.problem());
    followDocument();
  });
  connect(&document_, &Document::fileChanged, this, &MainWindow::showTitle);

  connect(palette_, &Palette::chosen, scene_, &NetworkScene::addNode);
  connect(scene_, &NetworkScene::nodeSelected, this, &MainWindow::select);
  connect(dag_, &DagView::nodeSelected, this, [this](NodeId node, const ValueRef& tensor) {
    if (selecting_) return;
    select(node);
    if (node) inspector_->choose(tensor);
  });
  connect(scene_, &NetworkScene::wireAt, this, [this](const QString& text) { say(text); });
  connect(dag_, &DagView::said, this, [this](const QString& text) { say(text); });
  connect(inspector_, &Inspector::requestsChanged, this, &MainWindow::askForValues);
  connect(inspector_, &Inspector::refused, this, &MainWindow::showError);
  connect(form_, &TrainingForm::refused, this, &MainWindow::showError);
  connect(&document_, &Document::trainingChanged, this, &MainWindow::followDocument);
  reloadTimer_.setSingleShot(true);
  reloadTimer_.setInterval(kReloadDelay);
  connect(&reloadTimer_, &QTimer::timeout, this, &MainWindow::reload);
}

// What is wrong, and stays so until something is done about it.
void MainWindow::showProblem(const QString& text) {
  problem_->setText(text.isEmpty() ? QString() : QStringLiteral("⚠ ") + text);
  problem_->setToolTip(text);
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
  if (!leaving_) {
    event->ignore();
    const auto asked = std::make_shared<bool>(false);  // answered while this event is handled?
    const auto now = std::make_shared<bool>(false);
    leave(tr("Close Gradus?"), true, [this, asked, now] {
      leaving_ = true;
      *asked ? QTimer::singleShot(0, this, &QWidget::close) : void(*now = true);
    });
    *asked = true;
    if (!*now) return;
  }
  bridge_.stop();
  showDocksFor(true);  // as they are to be found again
  QSettings settings;
  settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
  settings.setValue(QStringLiteral("window/state"), saveState());
  event->accept();
}

// Docks go where they were once the window is there: a floating one would end up behind it.
void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (std::exchange(shown_, true)) return;
  QTimer::singleShot(0, this, [this] {
    restoreState(QSettings().value(QStringLiteral("window/state")).toByteArray());
    for (QDockWidget* dock : findChildren<QDockWidget*>()) {
      if (dock->isFloating()) dock->raise();
    }
    showDocksFor(document_.graph().training.has_data());
  });
}

void MainWindow::restoreLayout() {
  const QSettings settings;
  restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
  setAppearance(
      static_cast<Appearance>(settings.value(QStringLiteral("window/appearance"), 0).toInt()));
}

void MainWindow::setAppearance(Appearance appearance) {
  appearance_ = appearance;
  QSettings().setValue(QStringLiteral("window/appearance"), static_cast<int>(appearance));
  for (QAction* action : findChildren<QAction*>()) {
    if (action->actionGroup() && action->data().isValid()) {
      action->setChecked(action->data().toInt() == static_cast<int>(appearance));
    }
  }
  applyTheme();
}

void MainWindow::applyTheme() {
  const bool dark =
      appearance_ == Appearance::system ? system_.dark() : appearance_ == Appearance::dark;
  theme_ = dark ? Theme::dark_() : Theme::light();
  QApplication::setPalette(theme_.palette());
  QPalette boxes = theme_.palette();
  boxes.setColor(QPalette::Window, theme_.muted);  // Fusion's outline of an empty check box
  QApplication::setPalette(boxes, "QCheckBox");
  qApp->setStyleSheet(theme_.styleSheet());
  QApplication::setFont(textFont(TextSize::normal));
  scene_->setTheme(theme_);
  networkView_->setTheme(theme_);
  dag_->setTheme(theme_);
  palette_->setTheme(theme_);
  inspector_->setTheme(theme_);
  transport_->setTheme(theme_);
  loop_->setTheme(theme_);
  charts_->setTheme(theme_);
  sheet_->setTheme(theme_);
  boundary_->setTheme(theme_);
  problem_->setStyleSheet(QStringLiteral("color: %1;").arg(theme_.error.name()));
}

}  // namespace gradus::ui
