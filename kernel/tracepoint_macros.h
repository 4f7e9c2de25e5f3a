/* SPDX-License-Identifier: MIT */
/*
 * What DECLARE_TRACE() and the headers of events say to the code that has the tracepoints. Without
 * a guard: trace/events/define_trace.h, which gives these macros other meanings, puts them back by
 * this header. Everybody else includes kernel/tracepoint.h.
 */
#define DECLARE_TRACE(name, proto, args)						\
	extern struct tracepoint __tracepoint_##name;					\
	void __traceiter_##name(proto);							\
	static __always_inline void trace_##name(proto)					\
	{										\
		if (arch_jump_site(&__tracepoint_##name.key))				\
			__traceiter_##name(args);					\
	}										\
	static __always_inline bool trace_##name##_enabled(void)			\
	{										\
		return arch_jump_site(&__tracepoint_##name.key);			\
	}										\
	static inline __maybe_unused int						\
	register_trace_##name(void (*probe)(void *__data, proto), void *data)		\
	{										\
		return tracepoint_probe_register(&__tracepoint_##name, (void *)probe, data);	\
	}										\
	static inline __maybe_unused int						\
	unregister_trace_##name(void (*probe)(void *__data, proto), void *data)		\
	{										\
		return tracepoint_probe_unregister(&__tracepoint_##name, (void *)probe,	\
						   data);				\
	}										\
	static inline __maybe_unused void						\
	check_trace_callback_type_##name(void (*probe)(void *__data, proto))		\
	{										\
	}

/* What the headers of events say to the code that has the tracepoints. */
#define TRACE_EVENT(name, proto, args, struct, assign, print) \
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#define DECLARE_EVENT_CLASS(name, proto, args, struct, assign, print)
#define DEFINE_EVENT(template, name, proto, args) \
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#define DEFINE_EVENT_PRINT(template, name, proto, args, print) \
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#define TP_printk(fmt, args...)
