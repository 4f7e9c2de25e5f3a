/* SPDX-License-Identifier: MIT */
/*
 * Where this kernel has what trace/kernel.h asks for. A kernel that takes the tracer in has a
 * header of this name, with its own answers.
 */
#pragma once
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/clock.h"
#include "kernel/code_address.h"
#include "kernel/compiler.h"
#include "kernel/inspect.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/list.h"
#include "kernel/lib/sort.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/spinlock.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/types.h"
#include "kernel/unwind.h"
