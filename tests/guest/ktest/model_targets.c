/* SPDX-License-Identifier: MIT */
/*
 * The functions whose sites tests/guest/ktest/model.c changes. tests/guest/modules/model_module.c
 * has more of them.
 */
#include "kernel/compiler.h"

#define TARGET(nr)								\
void model_fn_##nr(void);							\
noinline __noclone void model_fn_##nr(void)					\
{										\
	model_bodies++;								\
}

extern unsigned int model_bodies;

TARGET(00)
TARGET(01)
TARGET(02)
TARGET(03)
TARGET(04)
TARGET(05)
TARGET(06)
TARGET(07)
TARGET(08)
TARGET(09)
