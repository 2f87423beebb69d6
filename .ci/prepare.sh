# Shared by run.sh and test.sh: installs what is missing, configures and builds a preset.
# Sourced, not run. Needs Debian 12, Ubuntu 24.04 or later for the automatic part.

gradus_packages="g++ cmake ninja-build libdnnl-dev ocl-icd-opencl-dev libfmt-dev nlohmann-json3-dev
  zlib1g-dev libcli11-dev dataset-fashion-mnist qt6-base-dev libqt6opengl6-dev qt6-charts-dev
  libgraphviz-dev pkg-config fonts-dejavu-core libvulkan-dev libvulkan-volk-dev glslc"
gradus_test_packages="libgtest-dev libbenchmark-dev patch libvulkan1 mesa-vulkan-drivers
  vulkan-validationlayers"

# install_packages NAME...: installs those that are not there.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Another system: everything may be there under other names, so let CMake decide.
    if ! command -v cmake >/dev/null || ! command -v ninja >/dev/null; then
      echo "This system has no apt-get. Please install, under your system's names for them:" >&2
      echo "  $*" >&2
      exit 1
    fi
    return 0
  fi
  local missing="" name
  for name in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed ||
      missing="$missing $name"
  done
  [ -z "$missing" ] && return 0
  echo "Installing:$missing"
  local as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Please install these packages as root, then try again: $missing" >&2
      exit 1
    fi
    as_root="sudo"
  fi
  $as_root apt-get update -qq || echo "The package lists could not be updated; trying anyway." >&2
  if ! $as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends $missing >/tmp/gradus-install.$$.log 2>&1; then
    tail -n 20 /tmp/gradus-install.$$.log >&2
    echo "Installing failed. Please install by hand: $missing" >&2
    exit 1
  fi
  rm -f /tmp/gradus-install.$$.log
}

# build_preset NAME [TARGET...]
build_preset() {
  local preset="$1"
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then
    cmake --preset "$preset" >"/tmp/gradus-configure.$$.log" 2>&1 || {
      cat "/tmp/gradus-configure.$$.log" >&2
      echo "Configuring failed. Gradus needs, under your system's names for them:" >&2
      echo "  $gradus_packages $gradus_test_packages" >&2
      exit 1
    }
    rm -f "/tmp/gradus-configure.$$.log"
  fi
  echo "Building ($preset) …"
  if [ "$#" -gt 0 ]; then
    cmake --build --preset "$preset" --target "$@"
  else
    cmake --build --preset "$preset"
  fi
}
