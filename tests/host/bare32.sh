#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a 32-bit test program, or tells TAP why it cannot be: no compiler for it when this tree
# was configured, or a machine that does not run i386 programs.

if [ $# -eq 0 ]; then
	echo "1..0 # SKIP i686-linux-gnu-gcc is not installed"
	exit 0
fi
"$1" 2>/dev/null
status=$?
if [ $status -eq 126 ]; then
	echo "1..0 # SKIP this machine does not run i386 programs"
	exit 0
fi
exit $status
