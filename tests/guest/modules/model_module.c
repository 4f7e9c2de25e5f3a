/* SPDX-License-Identifier: MIT */
/* The functions that tests/guest/ktest/model.c loads and removes. */
#include <linux/module.h>

extern unsigned int model_bodies;

#define TARGET(nr)								\
void model_fn_##nr(void);							\
noinline void model_fn_##nr(void)						\
{										\
	model_bodies++;								\
}

TARGET(10)
TARGET(11)
TARGET(12)

/* This is not traced, because the reference does not know it. */
static notrace int __init model_module_init(void)
{
	return 0;
}

static notrace void __exit model_module_exit(void)
{
}

module_init(model_module_init);
module_exit(model_module_exit);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Functions for the reference model");
