/* SPDX-License-Identifier: MIT */
/* Linux name of files that are made when they are read. */
#pragma once
#include "kernel/fs/seq_file.h"
