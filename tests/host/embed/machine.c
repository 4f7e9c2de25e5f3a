/* SPDX-License-Identifier: MIT */
/*
 * trace/arch.h for a machine whose functions have one instruction each: an operation in the top
 * byte, and below it the address that it calls. A thread executes it as a whole, and every change
 * is made as a whole.
 */
#include "tests/host/embed/embed.h"
#include "trace/arch.h"
#include "trace/core/dispatch.h"
#include "trace/core/patch_fault.h"

#define NOP 1ull
#define CALL 2ull			/* the trampoline, for the callable at that address */
#define DIRECT 3ull
#define INSN(op, address) ((op) << 56 | (u64)(address))
#define RETURNS_TO 0x1234ul

struct function {
	u64 insn, body;
};

/*
 * The linker's names; _end is the real one. The table of sites is not in order, as it need not be.
 */
char _text[NR_FUNCTIONS * FUNCTION_SIZE] __aligned(16);
#define SITE(nr) ((unsigned long)_text + (nr) * FUNCTION_SIZE)
static unsigned long sites[NR_FUNCTIONS] __used __section("mcount_loc") = {
	SITE(3), SITE(0), SITE(5), SITE(1), SITE(4), SITE(2),
};

const char *const embed_names[] = { "open", "close", "read", "write", "open_dir", "sync" };
unsigned int embed_nr_direct;

static u64 *insn_at(unsigned long ip)
{
	return &((struct function *)ip)->insn;
}

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	return table_entry;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	return ip;
}

int arch_ftrace_init_site(unsigned long ip)
{
	*insn_at(ip) = INSN(NOP, 0);
	return 0;
}

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	return 0;
}

void arch_ftrace_set_release(struct ftrace_set *set)
{
}

struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set)
{
	u64 insn = INSN(NOP, 0);

	if (set)
		insn = set->nr_calls ? INSN(CALL, (unsigned long)set->target) :
		       INSN(DIRECT, set->direct);
	return (struct ftrace_form){ .insn = insn };
}

int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	*form = (struct ftrace_form){ .insn = *insn_at(ip) };
	return 0;
}

const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (!ftrace_patch_fault()) {
			*insn_at(changes[i].ip) = changes[i].new_form.insn;
			continue;
		}
		for (unsigned int back = 0; back < i; back++)
			*insn_at(changes[back].ip) = changes[back].old_form.insn;
		return &changes[i];
	}
	return NULL;
}

unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form)
{
	return (unsigned long)(form->insn & ~0ull >> 8);
}

u64 arch_ftrace_jump(unsigned long ip, unsigned long target)
{
	return INSN(NOP, target);
}

bool ftrace_is_trampoline(unsigned long pc)
{
	return false;
}

/* Nobody in this kernel hides return addresses. */
void return_to_handler(void)
{
}

/* Does what the processor and the trampoline do. */
void embed_call(unsigned int nr)
{
	unsigned long ip = SITE(nr), operand = (unsigned long)(*insn_at(ip) & ~0ull >> 8);
	struct ftrace_callable *callable = (struct ftrace_callable *)operand;
	struct ftrace_regs fregs = { .ip = ip + FTRACE_INSN_SIZE };

	switch (*insn_at(ip) >> 56) {
	case CALL:
		callable->func(ip, RETURNS_TO, (struct ftrace_ops *)callable, &fregs);
		embed_nr_direct += fregs.direct_tramp != 0;
		break;
	case DIRECT:
		embed_nr_direct++;
		break;
	}
}
