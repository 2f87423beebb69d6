// Vulkan as this folder uses it: functions found at run time by volk, results turned into errors.
#pragma once

#define VK_NO_PROTOTYPES
#include <volk.h>

#include "core/tensor/backend.h"

namespace gradus::vulkan {

const char* to_string(VkResult result);

// Throws unless it is a success: DeviceLost, or Error saying what failed.
void check(VkResult result, const char* what);

}  // namespace gradus::vulkan
