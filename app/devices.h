// The devices of this computer, and how one is named.
#pragma once

#include <string>

#include "core/tensor/runtime.h"

namespace gradus {

// Adds the CPU, and opens GPUs when they are first asked for. Compiled shaders are kept in
// $XDG_CACHE_HOME/gradus.
void add_devices(Runtime& runtime);

// "cpu"; "vulkan": the best GPU there is, never a software driver; "vulkan:1". Throws Error that
// says what there is.
Device parse_device(const std::string& text);

}  // namespace gradus
