/* SPDX-License-Identifier: MIT */
/* The file README, which explains the other files of tracefs in a line or two each. */
#include "trace/tracefs/tracefs.h"

static const char text[] =
	"tracing mini-HOWTO\n"
	"\n"
	"  # echo 'vfs_*' > set_ftrace_filter\t: trace only these functions\n"
	"  # echo function > current_tracer\t: start\n"
	"  # cat trace\t\t\t\t: look, without taking anything away\n"
	"  # echo nop > current_tracer\t\t: stop, and forget what was recorded\n"
	"  The command `trace` does all of this in one line: see `trace --help`.\n"
	"\n"
	"Files:\n"
	"  available_tracers\t- what can be written to current_tracer\n"
	"  current_tracer\t- shows and sets the tracer; nop is none\n"
	"  tracing_on\t\t- 0: nothing is recorded, functions stay hooked; 1: recording\n"
	"  trace\t\t\t- the buffer as text, up to the moment of opening; `> trace` empties it\n"
	"  trace_pipe\t\t- the same, but reading takes the events, and waits for more\n"
	"  set_ftrace_filter\t- functions to trace: names and patterns with * ? [];\n"
	"\t\t\t  !pattern removes, a number is a line of available_filter_functions;\n"
	"\t\t\t  > begins anew, >> adds; effective when closed; empty means all\n"
	"  set_ftrace_notrace\t- functions never to trace, in the same way\n"
	"  set_graph_function\t- function_graph: only these and what they call; empty: all\n"
	"  set_graph_notrace\t- never these, nor what they call\n"
	"  max_graph_depth\t- calls within calls that function_graph shows; 0: all\n"
	"  stack_max_size\t- bytes of the deepest stack; writing 0 begins anew\n"
	"  stack_trace\t\t- its functions; /proc/sys/kernel/stack_tracer_enabled is the switch\n"
	"  stack_trace_filter\t- functions at which it is measured; empty: all\n"
	"  available_filter_functions, available_filter_functions_addrs\n"
	"\t\t\t- all functions that can be traced, and their addresses\n"
	"  enabled_functions\t- functions that call something now: how many, flags (R saves\n"
	"\t\t\t  all registers, I may change where it resumes, D direct call,\n"
	"\t\t\t  O callback called without detour, M had I or D), and what\n"
	"  touched_functions\t- those that ever did\n"
	"  dyn_ftrace_total_info\t- how many there are, and the memory for them\n"
	"  trace_marker\t\t- text written here appears in the trace\n"
	"  trace_marker_raw\t- bytes; the first four are an id\n"
	"  trace_clock\t\t- what stamps events; changing it empties the buffer:\n"
	"\t\t\t  local (ns, per CPU), global (ns, ordered between CPUs),\n"
	"\t\t\t  counter (events), uptime (ticks), perf mono mono_raw boot tai\n"
	"\t\t\t  (ns since boot), cycles (the processor's counter)\n"
	"  timestamp_mode\t- how the buffer holds time\n"
	"  trace_options, options/ - switches; noNAME or 0 turns one off\n"
	"  buffer_size_kb\t- per CPU; small until first used\n"
	"  buffer_total_size_kb\t- of all CPUs\n"
	"  buffer_percent\t- kept for scripts: no reader here waits by it\n"
	"  free_buffer\t\t- closing it shrinks the buffer to its least\n"
	"  per_cpu/cpuN/\t\t- trace, trace_pipe, buffer_size_kb of one CPU; stats counts what was\n"
	"\t\t\t  kept, overwritten, dropped, read; trace_pipe_raw is binary\n"
	"  available_events\t- what can be recorded besides functions, as SYSTEM:EVENT\n"
	"  set_event\t\t- events that are on: SYSTEM:EVENT, SYSTEM:, EVENT, patterns;\n"
	"\t\t\t  !NAME switches off; > begins anew, >> adds\n"
	"  events/enable, events/SYSTEM/enable, events/SYSTEM/EVENT/enable\n"
	"\t\t\t- 0 or 1 for all of them; X: some are on\n"
	"  events/SYSTEM/EVENT/format, id - its record's fields and text, and its number\n"
	"  events/header_page, events/header_event - the binary format\n"
	"  error_log\t\t- what was refused and why; `> error_log` clears\n"
	"  saved_cmdlines, saved_cmdlines_size - names of threads, ended ones too\n";

static int readme_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_puts(m, text);
	return 0;
}

const struct tracefs_file readme_file = { "README", TRACEFS_RO, .show = readme_show };
