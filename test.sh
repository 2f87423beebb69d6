#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Arguments go to ctest (-R NAME, -L LABEL).
set -euo pipefail
cd "$(dirname "$0")"
. .ci/prepare.sh
install_packages $gradus_packages $gradus_test_packages
build_preset release
ctest --preset release "$@"
