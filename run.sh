#!/usr/bin/env bash
# Installs what is missing, builds, and opens the lab; arguments go to the window.
# Without a display, or with --headless, the quickstart network is trained in the terminal instead:
# for one epoch, with its curves drawn, or as the arguments (of `gradus-cli train`) say.
set -euo pipefail
cd "$(dirname "$0")"
. .ci/prepare.sh
headless=""
[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || headless=1
args=()
for arg in "$@"; do
  if [ "$arg" = --headless ]; then headless=1; else args+=("$arg"); fi
done
install_packages $gradus_packages $gradus_test_packages  # one build folder serves test.sh, too
if [ -z "$headless" ]; then
  build_preset release gradus gradus-layout gradus-cli
  exec build/release/bin/gradus ${args[@]+"${args[@]}"}
fi
build_preset release gradus-cli
[ "${#args[@]}" -gt 0 ] || args=(--network quickstart --epochs 1 --svg build/curves.svg)
exec build/release/bin/gradus-cli train "${args[@]}"
