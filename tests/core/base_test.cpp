// The small tools everything else stands on.
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/clock_text.h"

namespace gradus {
namespace {

TEST(ClockText, IsRoundedUpAndSaysWhatItDoesNotKnow) {
  EXPECT_EQ(clock_text(0), "0:00");
  EXPECT_EQ(clock_text(64.2), "1:05");
  EXPECT_EQ(clock_text(3661), "1:01:01");
  EXPECT_EQ(clock_text(NAN), "-:--");
  EXPECT_EQ(clock_text(-1), "-:--");
}

}  // namespace
}  // namespace gradus
