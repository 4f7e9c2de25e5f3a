/* SPDX-License-Identifier: MIT */
/*
 * The kernel log and text formatting. printk() stores each message in a ring
 * (read by dmesg) and writes it to the log channel; see kernel/printk.c.
 */
#pragma once
#include <stdarg.h>
#include "kernel/compiler.h"
#include "kernel/types.h"

#define KERN_SOH "\001"
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_CONT KERN_SOH "c"

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

/*
 * Only messages more urgent than this (with a smaller number) go to the log channel, as loglevel=
 * sets it at boot; the ring gets all.
 */
extern int console_loglevel;
/*
 * Log a message. Any context, NMI and panic included. The level is KERN_WARNING unless the message
 * names one.
 */
int printk(const char *fmt, ...) __printf(1, 2);
int vprintk(const char *fmt, va_list args);
#define pr_emerg(fmt, args...) printk(KERN_EMERG pr_fmt(fmt), ##args)
#define pr_alert(fmt, args...) printk(KERN_ALERT pr_fmt(fmt), ##args)
#define pr_crit(fmt, args...) printk(KERN_CRIT pr_fmt(fmt), ##args)
#define pr_err(fmt, args...) printk(KERN_ERR pr_fmt(fmt), ##args)
#define pr_warn(fmt, args...) printk(KERN_WARNING pr_fmt(fmt), ##args)
#define pr_notice(fmt, args...) printk(KERN_NOTICE pr_fmt(fmt), ##args)
#define pr_info(fmt, args...) printk(KERN_INFO pr_fmt(fmt), ##args)
#define pr_debug(fmt, args...) printk(KERN_DEBUG pr_fmt(fmt), ##args)
#define pr_cont(fmt, args...) printk(KERN_CONT fmt, ##args)

/*
 * Copy up to @size bytes of the log, from position *@pos on, and advance *@pos; position 0 stands
 * for the oldest line that is kept. Returns how many bytes it copied, 0 at the end.
 */
size_t printk_read(u64 *pos, char *buf, size_t size);

/*
 * C99 printf without floating point and %n, with Linux's %p extensions: %ps symbol, %pS and %pB
 * symbol+off/size, %p, %px, %pK (plain hexadecimal, 8 or 16 digits), %pV (struct va_format), %pe,
 * %*ph[CDN], %pM[FR], %pm[R], %p[iI]4[hnbl], %p[iI]6[c], %pU[bBlL], %pa, %*pb[l]. A bad pointer
 * prints "(null)" or "(efault)"; from an unknown conversion on, the format is text. vsnprintf
 * returns the length that would have been written, scnprintf what was written.
 */
struct va_format {
	const char *fmt;
	va_list *va;
};
#ifndef PATCHBAY_HOST
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
#else
#include <stdio.h>
#endif
/* Skip the length at @fmt, in a conversion: the integer that it is for has *@length bytes. */
const char *printf_length(const char *fmt, size_t *length);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
