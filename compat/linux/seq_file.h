/* SPDX-License-Identifier: MIT */
/* Linux's header for files that are made when they are read. */
#pragma once
#include "kernel/fs/seq_file.h"
