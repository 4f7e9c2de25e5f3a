/* SPDX-License-Identifier: MIT */
/* In the image without tests, the commands tell where to find them. */
#include "kernel/shell/shell.h"

static int say_where(struct cmd_context *ctx)
{
	return cmd_error(ctx, "not in this image: `./run --tests` boots the one that has it");
}
SHELL_COMMAND(ktest, "ktest", "The kernel's tests, in the image that has them: ./run --tests.",
	      say_where);
SHELL_COMMAND(bench, "bench", "What tracing costs, in the image with tests: ./run --tests.",
	      say_where);
