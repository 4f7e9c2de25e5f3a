/* SPDX-License-Identifier: MIT */
/*
 * A plugin of QEMU that writes down which functions a guest calls: it is asked at no place in the
 * guest, so it is a witness for the guest's tracer. calls.py compiles and loads it.
 *
 * Arguments: functions=FILE, the addresses of the functions' first instructions in hexadecimal, one
 * a line, in ascending order; log=FILE, which gets a 32-bit word for each execution of such an
 * instruction, in order: the number of the function in the list, and in the highest byte that of
 * the CPU. With -icount one CPU runs at a time, so the order is that of the guest.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The part of QEMU's plugin interface, version 1, that is used here. Debian has no package with its
 * header; the names are found in QEMU when it loads the plugin.
 */
#define EXPORT __attribute__((visibility("default")))
#define WITHOUT_REGISTERS 0
typedef uint64_t plugin_id;
struct block;
struct insn;
size_t qemu_plugin_tb_n_insns(const struct block *block);
struct insn *qemu_plugin_tb_get_insn(const struct block *block, size_t n);
uint64_t qemu_plugin_insn_vaddr(const struct insn *insn);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   void (*translated)(plugin_id id, struct block *block));
void qemu_plugin_register_vcpu_insn_exec_cb(struct insn *insn,
					    void (*executed)(unsigned int cpu, void *data),
					    int flags, void *data);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*ends)(plugin_id id, void *data),
				    void *data);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

static uint64_t *functions;
static size_t nr_functions;
static FILE *calls;

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void note_call(unsigned int cpu, void *data)
{
	uint32_t word = (uint32_t)(uintptr_t)data | cpu << 24;

	fwrite(&word, sizeof(word), 1, calls);
}

/* QEMU has translated a block of the guest's code, and will execute it many times. */
static void look_for_functions(plugin_id id, struct block *block)
{
	size_t n = qemu_plugin_tb_n_insns(block);

	for (size_t i = 0; i < n; i++) {
		struct insn *insn = qemu_plugin_tb_get_insn(block, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		uint64_t *found = bsearch(&address, functions, nr_functions, sizeof(*functions),
					  compare);

		if (found)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, note_call, WITHOUT_REGISTERS,
							       (void *)(found - functions));
	}
}

static void finish(plugin_id id, void *data)
{
	fclose(calls);
}

static bool read_functions(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[32];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		functions = realloc(functions, (nr_functions + 1) * sizeof(*functions));
		if (!functions)
			return false;
		functions[nr_functions++] = strtoull(line, NULL, 16);
	}
	fclose(file);
	return nr_functions;
}

static const char *argument(int argc, char **argv, const char *name)
{
	size_t len = strlen(name);

	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], name, len) && argv[i][len] == '=')
			return argv[i] + len + 1;
	}
	return "";
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	calls = fopen(argument(argc, argv, "log"), "w");
	if (!calls || !read_functions(argument(argc, argv, "functions"))) {
		fprintf(stderr, "calls.c: functions= and log= must name files\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, look_for_functions);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
