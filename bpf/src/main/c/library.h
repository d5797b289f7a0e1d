/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * What Java calls (Hdrlog.java). Each function takes one address and returns one number, so that
 * Java needs one kind of call for all: each further kind costs a JVM's start some milliseconds.
 * Every field is eight bytes wide. Below 0 is an error number. One thread at a time.
 */
#ifndef HDRLOG_LIBRARY_H
#define HDRLOG_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

struct btf;

#define EXPORT __attribute__((visibility("default")))

struct hdrlog_loaded;

/* One attempt: opens, configures, loads, and attaches what goes on tracepoints. */
struct hdrlog_load_request {
	const void *elf;
	uint64_t elf_bytes;
	/* The programs wanted, a line each, in the order in which they are to be attached. */
	const char *programs;
	/* struct hdrlog_settings */
	uint64_t settings;
	/* Programs on functions are for uprobe.multi links. */
	uint64_t multi;
	uint64_t ring_bytes;
	/* What came out of it ... */
	struct hdrlog_loaded *loaded;
	void *ring_consumer;
	void *ring_producer;
	uint64_t page_bytes;
	/* ... or the program that could not be attached, if it was that, and libbpf's words. */
	const char *failed;
	const char *log;
};

EXPORT int64_t hdrlog_load(struct hdrlog_load_request *request);

/* Detaches all and frees all. */
EXPORT int64_t hdrlog_close(struct hdrlog_loaded *loaded);

/* Attaches one program to places in a file. */
struct hdrlog_attach_request {
	struct hdrlog_loaded *loaded;
	const char *program;
	const char *path;
	uint64_t pid;
	uint64_t multi;
	uint64_t at_return;
	uint64_t offset_count;
	const uint64_t *offsets;
};

EXPORT int64_t hdrlog_attach(const struct hdrlog_attach_request *request);

/* Looks for functions (by name) and USDT probes (as provider:name) in an ELF file. */
struct hdrlog_find_request {
	const char *path;
	/* A line each. */
	const char *names;
	uint64_t place_max;
	struct {
		uint64_t name;
		uint64_t offset;
	} *places;
};

/* Returns how many places were found. */
EXPORT int64_t hdrlog_find(const struct hdrlog_find_request *request);

/* Sockets of this process that listened before there was a hook for that. */
EXPORT int64_t hdrlog_join(struct hdrlog_loaded *loaded);

struct hdrlog_losses_request {
	struct hdrlog_loaded *loaded;
	/* struct hdrlog_losses */
	void *losses;
};

EXPORT int64_t hdrlog_losses(const struct hdrlog_losses_request *request);

struct hdrlog_field_request {
	const char *class_name;
	const char *field_name;
};

/* Where a field of type int lies in its object, or -1. */
EXPORT int64_t hdrlog_int_field_offset(const struct hdrlog_field_request *request);

/* How many libraries this process has loaded, ever: cheap enough to ask again and again. */
EXPORT int64_t hdrlog_libraries_loaded(const void *none);

/* Between the files of this library. */

const char *log_started(void);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The running kernel's types, of those the programs look into (types.c). */
/* The file that they will be in ... */
const char *types_path(void);
/* ... once they were read. */
int types_read(const struct btf *local);
/* The id of a tracepoint's type, or 0. */
uint32_t types_tracepoint(const char *tracepoint);
void types_forget(void);

#endif
