/* SPDX-License-Identifier: MIT */
/*
 * What happens where a port leaves out what kernel/arch.h calls optional. A port's own function of
 * the same name takes the place of the one here.
 */
#include "kernel/arch.h"

__weak void arch_flush_tlbs(void)
{
}

__weak bool arch_module_veneer(u32 type, u64 target, u8 veneer[MODULE_VENEER_SIZE])
{
	return false;
}

__weak bool arch_module_site(u32 type, const char *name)
{
	return false;
}

__weak int arch_module_finish(struct module_elf *elf)
{
	return 0;
}
