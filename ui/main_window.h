// The lab: one window in which all views show the same network, the same training and the same
// selection. It only connects the parts; each part knows its own work.
#pragma once

#include <QMainWindow>
#include <QTimer>

#include "ui/bridge/engine_bridge.h"
#include "ui/document/document.h"
#include "ui/theme/system_appearance.h"
#include "ui/theme/theme.h"

class QDockWidget;
class QLabel;
class QStackedWidget;
class QTabWidget;
class QToolButton;

namespace gradus::ui {

class BoundaryView;
class DagView;
class Inspector;
class LoopList;
class NetworkScene;
class NetworkView;
class Palette;
class SampleSheet;
class TrainingCharts;
class TrainingForm;
class TransportBar;

class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  enum class Appearance { system, light, dark };

  MainWindow(Document& document, EngineBridge& bridge, const QString& layoutProgram,
             QWidget* parent = nullptr);
  ~MainWindow() override;

  void setAppearance(Appearance appearance);
  // Opens a file, asking about unsaved changes first. Says what went wrong.
  void openFile(const QString& file);
  // Questions are answered by this instead of a dialog: for tests.
  std::function<int(const QString& text)> answer;
  std::function<QString(const QString& kind)> fileToSave;  // likewise

  NetworkScene& scene() { return *scene_; }
  NetworkView& networkView() { return *networkView_; }
  DagView& dag() { return *dag_; }
  Inspector& inspector() { return *inspector_; }
  TransportBar& transport() { return *transport_; }
  TrainingCharts& charts() { return *charts_; }
  QTabWidget& tabs() { return *tabs_; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void makeViews(const QString& layoutProgram);
  void makeDocks();
  void makeMenus();
  void connectDocument();
  void connectEngine();
  void restoreLayout();
  // Curves and samples have nothing to show of a drawing without data.
  void showDocksFor(bool hasData);
  void applyTheme();

  void followDocument();
  void reloadSoon();
  void reload();
  void move(const std::function<void()>& how);
  void showLoaded(const event::Loaded& loaded);
  void showStep(const event::Stepped& stepped);
  void showDevices(const event::Devices& came);
  void showDevice();
  void keepOnScreen(QMenu& menu, const QRect& before);
  void showMove(const event::Moved& moved);
  void showProblem(const QString& text);
  void markTrouble(NodeId node, const QString& text);
  void askForValues();
  void askForSamples();
  void select(NodeId node);
  void showTitle();
  void say(const QString& text, int milliseconds = 8000);
  void showError(const QString& text);
  // Goes on with `then`, unless what is not saved is to be kept: asks once about all of it. The
  // drawing is at stake where `everything` is left, else only what was learnt.
  void leave(const QString& why, bool everything, std::function<void()> then);
  void save();
  void saveAs();
  void open();
  void openExample(const NetGraph& graph);
  void remember(const QString& file);  // as a recent one
  void forget(const QString& file);
  void fillRecent(QMenu* menu);
  void exportPicture();
  void exportCsv();
  void saveWeights(std::function<void()> then = {});
  QString chooseFile(const QString& title, const QString& kind);

  Document& document_;
  EngineBridge& bridge_;
  Theme theme_;
  SystemAppearance system_;
  Appearance appearance_ = Appearance::system;

  NetworkScene* scene_ = nullptr;
  NetworkView* networkView_ = nullptr;
  DagView* dag_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  Palette* palette_ = nullptr;
  Inspector* inspector_ = nullptr;
  TrainingForm* form_ = nullptr;
  LoopList* loop_ = nullptr;
  TransportBar* transport_ = nullptr;
  TrainingCharts* charts_ = nullptr;
  QStackedWidget* samples_ = nullptr;
  SampleSheet* sheet_ = nullptr;
  BoundaryView* boundary_ = nullptr;
  QLabel* rate_ = nullptr;
  QToolButton* device_ = nullptr;
  QMenu* devices_ = nullptr;
  QLabel* dataset_ = nullptr;
  QLabel* problem_ = nullptr;
  QTimer reloadTimer_;
  QTimer lookTimer_;
  bool planar_ = false;  // samples are points of the plane
  bool selecting_ = false;
  bool lookPending_ = false;
  bool samplesPending_ = false;
  bool leaving_ = false;
  bool shown_ = false;
  std::vector<QDockWidget*> dataDocks_;
  std::vector<QDockWidget*> hidden_;  // of these, until data is there again
  std::function<void()> whenLoaded_;
  std::function<void()> whenSaved_;
};

}  // namespace gradus::ui
