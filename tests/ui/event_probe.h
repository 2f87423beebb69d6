// An application that times every event it handles, in wall time and in the thread's own CPU time:
// what a person would feel as the window hanging.
#pragma once

#include <QApplication>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

namespace gradus::ui {

class ProbedApplication final : public QApplication {
 public:
  using QApplication::QApplication;

  struct Sample {
    double wall;  // milliseconds
    double cpu;
    int type;
  };
  std::vector<Sample> samples;
  bool probing = false;

  bool notify(QObject* receiver, QEvent* event) override {
    if (!probing || depth_ > 0) return QApplication::notify(receiver, event);
    ++depth_;
    const int type = event->type();
    const auto wall = std::chrono::steady_clock::now();
    const double cpu = threadSeconds();
    const bool result = QApplication::notify(receiver, event);
    samples.push_back(
        {std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - wall).count(),
         1e3 * (threadSeconds() - cpu), type});
    --depth_;
    return result;
  }

  // The time that a share `q` of the events stay below.
  static double quantile(std::vector<double> values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1,
                           static_cast<size_t>(q * static_cast<double>(values.size())))];
  }

 private:
  static double threadSeconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
  int depth_ = 0;
};

}  // namespace gradus::ui
