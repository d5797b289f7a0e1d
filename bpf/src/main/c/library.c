// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * The small ones of the functions that Java calls: libbpf's words kept for it, and what C knows in
 * a few lines and Java only with upcalls or not at all.
 */
#define _GNU_SOURCE
#include "library.h"
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <jni.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* libbpf's own words, the newest ones: the verifier's complaint stands at the end. */
static char log_text[256 * 1024];
static size_t log_length;

static int log_appended(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t room = sizeof(log_text) - log_length;
	int length;

	if (level == LIBBPF_DEBUG)
		return 0;
	if (room < sizeof(log_text) / 2) {
		memmove(log_text, log_text + log_length / 2, log_length - log_length / 2);
		log_length -= log_length / 2;
		room = sizeof(log_text) - log_length;
	}
	length = vsnprintf(log_text + log_length, room, format, arguments);
	if (length > 0)
		log_length += (size_t)length < room ? (size_t)length : room - 1;
	return 0;
}

/*
 * Debian's libbpf.a reaches for stderr in a way that only executables may (a copy relocation). The
 * linker gives it this instead (Makefile), and from the first moment on libbpf prints to our log.
 */
FILE *hdrlog_stderr;

__attribute__((constructor)) static void log_taken_over(void)
{
	libbpf_set_print(log_appended);
}

/* Empties the log and returns where it stands, a C string. */
const char *log_started(void)
{
	log_length = 0;
	log_text[0] = 0;
	return log_text;
}

/* A line of our own among libbpf's. */
void log_line(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_appended(LIBBPF_WARN, format, arguments);
	va_end(arguments);
}

static int loads_of_first(struct dl_phdr_info *info, size_t size, void *loads)
{
	(void)size;
	*(uint64_t *)loads = info->dlpi_adds;
	return 1;
}

int64_t hdrlog_libraries_loaded(const void *none)
{
	uint64_t loads = 0;

	(void)none;
	dl_iterate_phdr(loads_of_first, &loads);
	return (int64_t)loads;
}

/*
 * HotSpot's jfieldID of an instance field is the offset, shifted, above two tag bits: 2 for an
 * instance field, 1 when a hash of the class stands above the offset's seven bits.
 * sun.misc.Unsafe would tell as well, with a warning on JDK 24 and newer.
 */
int64_t hdrlog_int_field_offset(const struct hdrlog_field_request *request)
{
	jint (*created)(JavaVM **, jsize, jsize *) =
		(jint(*)(JavaVM **, jsize, jsize *))dlsym(RTLD_DEFAULT, "JNI_GetCreatedJavaVMs");
	JavaVM *vm;
	JNIEnv *env;
	jsize count = 0;
	jclass class;
	uintptr_t id;

	if (!created || created(&vm, 1, &count) != JNI_OK || count != 1)
		return -1;
	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) != JNI_OK)
		return -1;
	class = (*env)->FindClass(env, request->class_name);
	if (!class) {
		(*env)->ExceptionClear(env);
		return -1;
	}
	id = (uintptr_t)(*env)->GetFieldID(env, class, request->field_name, "I");
	(*env)->DeleteLocalRef(env, class);
	if (!id) {
		(*env)->ExceptionClear(env);
		return -1;
	}
	if (!(id & 2))
		return -1;
	return (int64_t)((id & 1) ? (id >> 2) & 0x7f : id >> 2);
}
