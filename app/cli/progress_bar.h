// A line on a terminal that redraws itself; silent where stderr is no terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gradus::cli {

class ProgressBar {
 public:
  ProgressBar();
  // `done` of `total`; `rate` per second, in `unit`.
  void show(const std::string& label, int64_t done, int64_t total, double rate, const char* unit);
  void clear();  // before other text is printed

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace gradus::cli
