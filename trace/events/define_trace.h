/* SPDX-License-Identifier: MIT */
/*
 * Makes events of the TRACE_EVENT()s in a header: a file that defines CREATE_TRACE_POINTS includes
 * this one behind it. The header is included once more for each thing that an event is made of,
 * with macros that pick out what that needs:
 *
 *	tracepoint    the variable, and the function that calls the probes
 *	record        a structure
 *	lengths       of fields of variable length, and where they come from
 *	text          a function that prints a record
 *	fields        a table, and the text of `print fmt`
 *	probe         the function that makes a record, one for all but the common case, and one for
 *	              events with filters
 *	event         a variable, which the table trace_events names
 *
 * The header is TRACE_INCLUDE_FILE.h (if that is not defined: TRACE_SYSTEM.h) in the folder
 * TRACE_INCLUDE_PATH (kernel/events).
 *
 * This header has no guard, because a file may make events of several headers.
 */
#ifdef CREATE_TRACE_POINTS
#undef CREATE_TRACE_POINTS

#include "kernel/lib/string.h"
#include "trace/events/trace_events.h"

#ifndef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE TRACE_SYSTEM
#define UNDEF_TRACE_INCLUDE_FILE
#endif
#ifndef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH kernel/events
#define UNDEF_TRACE_INCLUDE_PATH
#endif
#define TRACE_INCLUDE_NAME(path, file) __stringify(path/file.h)
#define TRACE_INCLUDE(path, file) TRACE_INCLUDE_NAME(path, file)
#define TRACE_HEADER_MULTI_READ

#undef TRACE_EVENT
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT
#undef DEFINE_EVENT_PRINT
#undef DECLARE_TRACE
#undef TP_printk

/* --- The tracepoint --- */

#define DECLARE_TRACE(name, proto, args) DEFINE_TRACE(name, PARAMS(proto), PARAMS(args))
#define TRACE_EVENT(name, proto, args, struct, assign, print) \
	DEFINE_TRACE(name, PARAMS(proto), PARAMS(args))
#define DECLARE_EVENT_CLASS(name, proto, args, struct, assign, print)
#define DEFINE_EVENT(template, name, proto, args) DEFINE_TRACE(name, PARAMS(proto), PARAMS(args))
#define TP_printk(fmt, args...)
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)

/* From here on an event is a class, and an event of it. */
#undef DECLARE_TRACE
#define DECLARE_TRACE(name, proto, args)
#undef TRACE_EVENT
#define TRACE_EVENT(name, proto, args, struct, assign, print)				\
	DECLARE_EVENT_CLASS(name, PARAMS(proto), PARAMS(args), PARAMS(struct),		\
			    PARAMS(assign), PARAMS(print))				\
	DEFINE_EVENT(name, name, PARAMS(proto), PARAMS(args))
#undef DEFINE_EVENT
#define DEFINE_EVENT(template, name, proto, args)

/* --- The record. It is aligned to only 4 bytes in the buffer, whatever is in it. --- */

#define __field(type, item) type item;
#define __array(type, item, len) type item[len];
#define __dynamic_array(type, item, len) u32 __data_loc_##item;
#define __string(item, src) __dynamic_array(char, item, -1)
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)			\
	struct trace_event_raw_##name {							\
		struct trace_entry ent;							\
		tstruct									\
		char __data[];								\
	};										\
	typedef struct trace_event_raw_##name trace_event_record_##name __aligned(4);
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)

/* --- The lengths: each field's word, and for a string its source. Returns their sum. --- */

#undef __field
#undef __array
#undef __dynamic_array
#undef __string
#define __field(type, item)
#define __array(type, item, len)
#define __dynamic_array(type, item, len) u32 item; const void *item##_ptr_;
#define __string(item, src) __dynamic_array(char, item, -1)
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print) \
	struct trace_event_data_offsets_##name { tstruct };
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)

#undef __dynamic_array
#undef __string
#define __dynamic_array(type, item, len)						\
	__size = (unsigned int)sizeof(type) * (unsigned int)(len);			\
	__offsets->item = (__start + __data) | __size << 16;				\
	__data += __size;
#define __string(item, src)								\
	__offsets->item##_ptr_ = (src) ? (const char *)(src) : "(null)";		\
	__size = (unsigned int)strlen(__offsets->item##_ptr_) + 1;			\
	__offsets->item = (__start + __data) | __size << 16;				\
	__data += __size;
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)			\
	static __always_inline unsigned int						\
	trace_event_get_offsets_##name(struct trace_event_data_offsets_##name *__offsets, proto) \
	{										\
		const unsigned int __start = offsetof(struct trace_event_raw_##name, __data);	\
		unsigned int __maybe_unused __size, __data = 0;				\
											\
		tstruct									\
		(void)__start;								\
		return __data;								\
	}
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)

/* --- The text --- */

#define __get_dynamic_array(item) \
	((void *)((char *)__entry + (__entry->__data_loc_##item & 0xffff)))
#define __get_dynamic_array_len(item) ((__entry->__data_loc_##item >> 16) & 0xffff)
#define __get_str(item) ((char *)__get_dynamic_array(item))
#define __print_flags(flag, delim, names...)						\
	({										\
		static const struct trace_print_flags __names[] = { names, { 0, NULL } };	\
		trace_print_flags_seq(__p, delim, flag, __names);			\
	})
#define __print_symbolic(value, names...)						\
	({										\
		static const struct trace_print_flags __names[] = { names, { 0, NULL } };	\
		trace_print_symbols_seq(__p, (unsigned long)(value), __names);		\
	})
#define __print_hex(buf, len) trace_print_hex_seq(__p, buf, len)
#define __print_array(array, count, size) trace_print_array_seq(__p, array, count, size)
#undef TP_printk
#define TP_printk(fmt, args...) fmt "\n", ##args
#undef __dynamic_array
#undef __string
#define __dynamic_array(type, item, len)
#define __string(item, src)
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)			\
	static notrace void trace_raw_output_##name(struct trace_seq *__s,		\
						    const struct trace_iterator *__iter)	\
	{										\
		const trace_event_record_##name *__entry __maybe_unused =		\
			(const void *)__iter->ent;					\
		char __text[TRACE_EVENT_TEXT];						\
		struct trace_seq __seq, *__p __maybe_unused = &__seq;			\
											\
		trace_seq_init(__p, __text, sizeof(__text));				\
		trace_seq_printf(__s, print);						\
	}
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)
#undef __get_dynamic_array
#undef __get_dynamic_array_len
#undef __get_str
#undef __print_flags
#undef __print_symbolic
#undef __print_hex
#undef __print_array

/*
 * --- The fields, and what tools print a record by: the text of TP_printk(), in which what is in
 * the record is called REC. A char is unsigned, as in all of Linux since 6.2. ---
 */

#define __TRACE_ALIGN(type) offsetof(struct { char a; type b; }, b)
#define __TRACE_SIGNED(type) ((type)-1 < (type)1 && !__builtin_types_compatible_p(type, char))
#undef __field
#undef __array
#undef __dynamic_array
#undef __string
#define __field(ftype, item)								\
	{ .type = #ftype, .name = #item, .size = sizeof(ftype),				\
	  .align = __TRACE_ALIGN(ftype), .is_signed = __TRACE_SIGNED(ftype) },
#define __array(ftype, item, number)							\
	{ .type = #ftype, .name = #item, .size = sizeof(ftype) * (number),		\
	  .align = __TRACE_ALIGN(ftype), .len = (number), .is_signed = __TRACE_SIGNED(ftype) },
#define __dynamic_array(ftype, item, number)						\
	{ .type = #ftype, .name = #item, .size = sizeof(u32), .align = __TRACE_ALIGN(u32),	\
	  .is_signed = __TRACE_SIGNED(ftype), .dynamic = true },
#define __string(item, src) __dynamic_array(char, item, -1)
#undef TP_printk
#define TP_printk(fmt, args...) "\"" fmt "\", " __stringify(args)
#define __entry REC
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)			\
	static const struct trace_event_field trace_event_fields_##name[] = {		\
		tstruct { 0 }								\
	};										\
	static const char trace_event_print_fmt_##name[] = print;
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)
#undef __entry

/* --- The probe --- */

#undef __field
#undef __array
#undef __dynamic_array
#undef __string
#define __field(type, item)
#define __array(type, item, len)
#define __dynamic_array(type, item, len) __entry->__data_loc_##item = __offsets.item;
#define __string(item, src) __dynamic_array(char, item, -1)
#define __get_dynamic_array(item) ((void *)((char *)__entry + (__offsets.item & 0xffff)))
#define __get_dynamic_array_len(item) (__offsets.item >> 16)
#define __get_str(item) ((char *)__get_dynamic_array(item))
/* The source may have changed since it was measured: the copy ends where its room does. */
#define __assign_str(item, unused...)							\
	do {										\
		char *__to = __get_str(item);						\
		unsigned int __room = __get_dynamic_array_len(item);			\
											\
		memcpy(__to, __offsets.item##_ptr_, __room);				\
		__to[__room - 1] = '\0';						\
	} while (0)
#undef TP_printk
#define TP_printk(fmt, args...)
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)			\
	static notrace noinline void trace_event_slow_##name(void *__data, proto)	\
	{										\
		struct trace_event_data_offsets_##name __offsets __maybe_unused;	\
		struct trace_event_buffer __buffer;					\
		trace_event_record_##name *__entry;					\
		unsigned int __size = trace_event_get_offsets_##name(&__offsets, args);	\
											\
		__entry = trace_event_buffer_reserve(&__buffer, __data, __size +	\
						     offsetof(struct trace_event_raw_##name,	\
							      __data));			\
		if (unlikely(!__entry))							\
			return;								\
		tstruct									\
		{ assign; }								\
		trace_event_buffer_commit(&__buffer);					\
	}										\
	static notrace void trace_event_raw_event_##name(void *__data, proto)		\
	{										\
		struct trace_event_data_offsets_##name __offsets __maybe_unused;	\
		const unsigned long __len = offsetof(struct trace_event_raw_##name, __data);	\
		struct ring_buffer_writer __writer;					\
		trace_event_record_##name *__entry;					\
											\
		if (sizeof(__offsets) || __len > RB_MAX_SMALL_DATA ||			\
		    unlikely(!trace_event_reserve_fast(__data, __len, &__writer))) {	\
			trace_event_slow_##name(__data, args);				\
			return;								\
		}									\
		__entry = (void *)__writer.event->array;				\
		tstruct									\
		{ assign; }								\
		ring_buffer_commit_fast(&__writer, __len);				\
	}
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)

/* A short record of constant length is made on the stack. */
#define __TRACE_SHORT(name)								\
	(!sizeof(struct trace_event_data_offsets_##name) &&				\
	 offsetof(struct trace_event_raw_##name, __data) <= RB_MAX_SMALL_DATA)
#define __TRACE_WORDS(name)								\
	(__TRACE_SHORT(name) ? (sizeof(struct trace_event_raw_##name) + 3) / 4 : 1)
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)			\
	static notrace void trace_event_checked_##name(void *__data, proto)		\
	{										\
		struct trace_event_data_offsets_##name __offsets __maybe_unused;	\
		u32 __words[__TRACE_WORDS(name)];					\
		trace_event_record_##name *__entry;					\
		unsigned int __size = trace_event_get_offsets_##name(&__offsets, args) +	\
			(unsigned int)offsetof(struct trace_event_raw_##name, __data);	\
											\
		__entry = __TRACE_SHORT(name) ?						\
			trace_event_check_begin_short(__data, __words, __size) :	\
			trace_event_check_begin(__data, __size);			\
		if (likely(__entry)) {							\
			tstruct								\
			{ assign; }							\
		}									\
		if (!__TRACE_SHORT(name))						\
			trace_event_check_end(__data, __entry, __size);			\
		else if (unlikely(!trace_event_check_end_fast(__data, __words, __size)))	\
			trace_event_check_end_short(__data, __words, __size);		\
	}
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)
#undef __TRACE_SHORT
#undef __TRACE_WORDS

/* --- The event --- */

#undef __field
#undef __array
#undef __dynamic_array
#undef __string
#undef __get_dynamic_array
#undef __get_dynamic_array_len
#undef __get_str
#undef __assign_str
#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name_, proto, args, tstruct, assign, print)			\
	static const struct trace_event_class trace_event_class_##name_ = {		\
		.system = __stringify(TRACE_SYSTEM),					\
		.fields = trace_event_fields_##name_,					\
		.print_fmt = trace_event_print_fmt_##name_,				\
		.probe = (void *)trace_event_raw_event_##name_,				\
		.checked_probe = (void *)trace_event_checked_##name_,			\
		.text = trace_raw_output_##name_,					\
		.size = offsetof(struct trace_event_raw_##name_, __data),		\
	};
#undef DEFINE_EVENT
#define DEFINE_EVENT(template, name_, proto, args)					\
	static struct trace_event_call trace_event_call_##name_ = {				\
		.class = &trace_event_class_##template, .name = #name_,			\
		.tp = &__tracepoint_##name_,						\
	};										\
	static struct trace_event_call *const trace_event_call_ptr_##name_ __used		\
	__section("trace_events") = &trace_event_call_##name_;
#include TRACE_INCLUDE(TRACE_INCLUDE_PATH, TRACE_INCLUDE_FILE)

/* As kernel/tracepoint.h had them. */
#undef TRACE_EVENT
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT
#undef DECLARE_TRACE
#undef TP_printk
#undef __TRACE_ALIGN
#undef __TRACE_SIGNED
#undef TRACE_HEADER_MULTI_READ
#undef TRACE_INCLUDE
#undef TRACE_INCLUDE_NAME
#ifdef UNDEF_TRACE_INCLUDE_FILE
#undef TRACE_INCLUDE_FILE
#undef UNDEF_TRACE_INCLUDE_FILE
#endif
#ifdef UNDEF_TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_PATH
#undef UNDEF_TRACE_INCLUDE_PATH
#endif
#include "kernel/tracepoint_macros.h"
#endif
