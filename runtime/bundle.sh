#!/bin/sh
# Adds the objects of one archive that write_png needs to another: bundle.sh AR LIBRARY ADDED.
set -e
ar=$1 library=$2 added=$3
members="adler32.o crc32.o deflate.o trees.o zutil.o"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$ar" x "$added" $members
for member in $members; do mv "$member" "zlib-$member"; done
"$ar" qs "$library" zlib-*.o
