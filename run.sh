#!/usr/bin/env bash
# Installs what is missing, builds, and runs the main job: the quickstart network is trained on
# FashionMNIST for one epoch, and its curves are drawn. Arguments go to `gradus-cli train`.
set -euo pipefail
cd "$(dirname "$0")"
. .ci/prepare.sh
install_packages $gradus_packages $gradus_test_packages  # one build folder serves test.sh, too
build_preset release gradus-cli
args=()
for arg in "$@"; do
  [ "$arg" = --headless ] || args+=("$arg")
done
[ "${#args[@]}" -gt 0 ] || args=(--network quickstart --epochs 1 --svg build/curves.svg)
exec build/release/bin/gradus-cli train "${args[@]}"
