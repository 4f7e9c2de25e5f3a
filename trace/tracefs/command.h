/* SPDX-License-Identifier: MIT */
/* What the files of the shell command `trace` share: actions, which return an exit status. */
#pragma once

struct cmd_context;

#define TRACE_USAGE \
	"trace record|start [-p TRACER] [-e EVENTS] [-l FUNCTIONS] [-n NOT-THESE] [-b KB] " \
	"[CMD...] | " \
	"profile [-l FUNCTIONS] [-n NOT-THESE] CMD... | " \
	"stop | show | reset | stat | list [-f [GLOB]] [-e [GLOB]] | why FUNCTION... | --help"

int trace_help(struct cmd_context *ctx);
int trace_stat(struct cmd_context *ctx);
int trace_why(struct cmd_context *ctx);
int trace_list(struct cmd_context *ctx);
int trace_profile_show(struct cmd_context *ctx);
