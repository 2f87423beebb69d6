// OpenMP's threads wait for each other by spinning, for milliseconds. While other programs use the
// processor's cores that is disaster: a thread that spins keeps the one it waits for from running
// (training was seen to drop to a hundredth). libgomp reads how long to spin before main() begins.
#pragma once

namespace gradus::cpu {

// First thing in main(): starts this program again with short spins, unless the user has chosen
// (GOMP_SPINCOUNT or OMP_WAIT_POLICY in the environment). Goes on with this one where that fails.
void use_short_spins(char** argv);

}  // namespace gradus::cpu
