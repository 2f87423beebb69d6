// The one place where volk's own source is compiled.
#define VOLK_IMPLEMENTATION
#include <volk.h>
