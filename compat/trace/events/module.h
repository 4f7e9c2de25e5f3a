/* SPDX-License-Identifier: MIT */
/* Linux's header for the events of this system. */
#include "kernel/events/module.h"
