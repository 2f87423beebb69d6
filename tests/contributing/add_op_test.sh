#!/usr/bin/env bash
# Follows CONTRIBUTING.md's "Add an op" to the letter, in a copy of the tree: its diff must touch at
# most four places, build, and pass the op's generated tests; until PyTorch was asked, the parity
# test must fail by name; and each place left out must be missed by name.
# Usage: add_op_test.sh SOURCE_DIR WORK_DIR
set -euo pipefail
source_dir="$1"
work="$2"
op=softplus

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

mkdir -p "$work/fresh" "$work/tree"
rm -rf "$work/fresh" && mkdir -p "$work/fresh"
(cd "$source_dir" && tar cf - --exclude=./build --exclude=./.git .) |
  tar xf - -C "$work/fresh"
# Keep the times of files that did not change, so that a second run builds little.
(cd "$work/fresh" && find . -type f -print0) | while IFS= read -r -d '' file; do
  if [ -f "$work/tree/$file" ] && cmp -s "$work/fresh/$file" "$work/tree/$file"; then
    touch -r "$work/tree/$file" "$work/fresh/$file"
  fi
done
rm -rf "$work/tree" && mv "$work/fresh" "$work/tree"
cd "$work/tree"

sed -n '/^```diff$/,/^```$/p' CONTRIBUTING.md | sed '1d;$d' >../op.patch
places=$(grep -c '^+++ ' ../op.patch)
echo "places touched: $places"
[ "$places" -le 4 ] || fail "the diff touches $places places, more than four"
[ "$places" -ge 1 ] || fail "CONTRIBUTING.md has no diff"
patch -p1 --quiet <../op.patch || fail "the diff does not apply"

if [ ! -f ../build/build.ninja ]; then
  cmake -S . -B ../build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
    -DGRADUS_WERROR=ON -DGRADUS_BENCH=OFF >../configure.log 2>&1 || { cat ../configure.log; exit 1; }
fi
build() { cmake --build ../build --target "$@" >../build.log 2>&1; }

build test_core test_parity || { tail -n 40 ../build.log; fail "the tree with the op does not build"; }
../build/bin/test_core --gtest_filter="*${op}*" >../test.log 2>&1 || { cat ../test.log; fail "the op's generated tests"; }
grep -q "PASSED  . [1-9]" ../test.log || fail "no generated test ran for $op"
if ../build/bin/test_parity --gtest_filter="*${op}*" >../test.log 2>&1; then
  fail "the parity test passed without PyTorch's numbers"
fi
grep -q "$op/0 has no PyTorch numbers" ../test.log || fail "the parity test did not name $op"

# missed WHAT FILE TARGET: without FILE's change, building TARGET must fail and name the op.
missed() {
  local what="$1" file="$2" target="$3"
  cp "$file" ../kept
  patch -R -p1 --quiet --force "$file" <(awk -v f="b/$file" '
    /^--- /{held=$0; next} /^\+\+\+ /{on=($2==f); if(on) print held} on{print}' ../op.patch) ||
    fail "could not take back $file"
  if build "$target"; then fail "$what was left out and nobody noticed"; fi
  grep -qE "(error|undefined).*$op" ../build.log || {
    tail -n 20 ../build.log
    fail "$what was left out and no message names $op"
  }
  echo "left out $what: $(grep -m1 -oE "(error|undefined).*$op.*" ../build.log | cut -c1-110)"
  cp ../kept "$file"
}
object="core/CMakeFiles/gradus_core.dir/op/ops/${op}.cpp.o"
missed "the op's file" "core/op/ops/${op}.cpp" test_core
missed "the line in all_ops.inc" core/op/all_ops.inc "$object"
missed "the line in functions.h" core/op/functions.h "$object"
missed "the scalar formula" shaders/scalar_ops.glsl \
  compute/CMakeFiles/gradus_cpu_baseline.dir/cpu/kernels/elementwise.cpp.o
echo "OK"
