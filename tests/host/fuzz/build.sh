#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles a libFuzzer target at once, and writes for ninja which files it was made from.
#
# usage: build.sh OUTPUT DEPFILE CLANG ARGUMENT-OR-SOURCE...
set -eu
output=$1
depfile=$2
shift 2
"$@" -MM >"$depfile.all"
printf '%s: %s\n' "$output" "$(sed 's/^[^ ]*: //; s/\\$//' "$depfile.all" | tr '\n' ' ')" >"$depfile"
rm "$depfile.all"
exec "$@" -fsanitize=fuzzer,address,undefined -fno-sanitize=alignment \
	-fno-sanitize-recover=undefined -o "$output"
