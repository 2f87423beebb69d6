#include "app/cli/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/cli/output.h"
#include "core/base/clock_text.h"

namespace gradus::cli {

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) != 0) {}

void ProgressBar::show(const std::string& label, int64_t done, int64_t total, double rate,
                       const char* unit) {
  using namespace std::chrono_literals;
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (now - last_ < 100ms && done < total)) return;
  last_ = now;
  shown_ = true;
  constexpr int kWidth = 24;
  const int filled = total > 0 ? static_cast<int>(kWidth * done / total) : 0;
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
  const double left = rate > 0 ? static_cast<double>(total - done) / rate : NAN;
  complain("\r\033[K{} {} {:3d}%  {:.0f} {}/s  {} left", label, bar,
           total > 0 ? static_cast<int>(100 * done / total) : 0, rate, unit, clock_text(left));
}

void ProgressBar::clear() {
  if (!shown_) return;
  complain("\r\033[K");
  shown_ = false;
}

}  // namespace gradus::cli
