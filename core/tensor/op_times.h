// Adds up what a device spends on each op.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "core/tensor/backend.h"

namespace gradus {

class OpTimes {
 public:
  void add(const char* op, int64_t calls, double seconds) {
    auto found = std::ranges::find(times_, std::string_view(op), &OpTime::op);
    if (found == times_.end()) found = times_.insert(found, {op, 0, 0});
    found->calls += calls;
    found->seconds += seconds;
  }
  std::vector<OpTime> take() { return std::exchange(times_, {}); }

 private:
  std::vector<OpTime> times_;
};

}  // namespace gradus
