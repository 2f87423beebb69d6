// Time left, as people read it.
#pragma once

#include <string>

namespace gradus {

// "1:05" for 65 seconds, "1:01:01" for an hour and more; "-:--" where it is not known.
std::string clock_text(double seconds);

}  // namespace gradus
