// The CPU as a device: oneDNN for matrix products, vectorised loops for the rest, one OpenMP pool.
// Work is done at once; errors in the data are thrown by run().
#pragma once

#include <memory>

#include "core/tensor/backend.h"

namespace gradus::cpu {

std::unique_ptr<Backend> make_cpu_backend();

// Threads that OpenMP regions use.
int thread_count();

}  // namespace gradus::cpu
