#!/bin/sh
# Builds and runs the checker of lang/std/math.awg: check.sh [--samples=N] [--stride=N] [--seed=N] [NAME...]
set -eu
here=$(dirname "$0")
build=${BUILD:-/tmp/awg-math-check}
mkdir -p "$build"
python3 "$here/awg2c.py" "$here/../../lang/std/math.awg" > "$build/math_awg.h"
${CXX:-clang++-22} -std=c++20 -O3 -march=native -mprefer-vector-width=512 -ffp-contract=off -fwrapv -fno-math-errno -Wall -Wextra -Werror \
    -I"$build" "$here/check.cpp" -o "$build/check" -lmpfr -lgmp
exec "$build/check" "$@"
