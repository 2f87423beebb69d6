// The live curves: training loss per step, and losses and accuracy per epoch. Points are kept in
// full; drawn four times a second, thinned to what the screen can show.
#pragma once

#include <QElapsedTimer>
#include <QImage>
#include <QPointF>
#include <QTimer>
#include <QWidget>
#include <vector>

#include "core/session/engine_thread.h"
#include "ui/charts/thin_line.h"
#include "ui/theme/theme.h"

class QChart;
class QChartView;
class QLabel;
class QLineSeries;
class QProgressBar;
class QScatterSeries;
class QValueAxis;

namespace gradus::ui {

class TrainingCharts final : public QWidget {
  Q_OBJECT

 public:
  explicit TrainingCharts(QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  // The run under way is to be longer or shorter.
  void setEpochs(int64_t epochs);
  // A new run of `epochs` epochs with `batches` batches of `samples` samples in all.
  void begin(int64_t epochs, int64_t batches, int64_t samples);
  void addProgress(const event::Progress& progress);
  void addEpoch(const event::EpochDone& epoch);
  // What was learnt after the spot is undone: its points go.
  void rewind(const Cursor& cursor);
  void flush();  // draws what has come
  // Time left is told while it runs, from how fast it went since it began.
  void setRunning(bool running);

  bool isEmpty() const { return steps_.empty(); }
  double samplesPerSecond() const { return rate_; }
  QImage picture() const;
  QString csv() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Curve {
    QLineSeries* line = nullptr;
    QScatterSeries* dots = nullptr;
    ThinLine points;
  };
  struct Epoch {
    double x = 0;
    Metrics metrics;
  };
  QChartView* makeChart(const QString& title, const QString& what, QChart*& chart);
  Curve addCurve(QChart* chart);
  void draw();  // all points anew
  void addToCurves(const Epoch& epoch);
  QList<Curve*> curves() { return {&train_, &test_, &trainAccuracy_, &testAccuracy_}; }
  void setRange();
  void showProgress();

  Theme theme_;
  QChart* lossChart_ = nullptr;
  QChart* accuracyChart_ = nullptr;
  QChartView* lossView_ = nullptr;
  QChartView* accuracyView_ = nullptr;
  QLineSeries* stepLine_ = nullptr;
  Curve train_, test_, trainAccuracy_, testAccuracy_;
  QProgressBar* progress_ = nullptr;
  QLabel* timeLeft_ = nullptr;
  QWidget* plots_ = nullptr;  // the charts and their legend
  QLabel* legend_ = nullptr;
  QTimer timer_;

  std::vector<QPointF> steps_;
  ThinLine thinSteps_;
  std::vector<Epoch> epochs_;
  int64_t epochCount_ = 1;
  int64_t batches_ = 1;
  int64_t sampleCount_ = 0;
  int64_t samplesSeen_ = 0;
  QElapsedTimer running_;        // since the run under way began
  int64_t samplesAtStart_ = -1;  // of it; -1 while none is
  double rate_ = 0;
  bool changed_ = false;
};

}  // namespace gradus::ui
