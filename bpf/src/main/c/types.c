// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * The running kernel's type information, cut down to what our programs look into. libbpf would
 * parse and check all of it, some 100,000 types, and search it again for every type of ours: 80 ms
 * of a start. One pass over the raw data finds the few that count:
 *
 *   struct sock { ... }     -> copied with only those fields that our own struct sock has
 *   btf_trace_tcp_probe     -> its number, which is what attaching to that tracepoint asks for
 *
 * libbpf gets the copies as a file of their own (btf_custom_path) and relocates against them.
 */
#define _GNU_SOURCE
#include "library.h"
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"
#define TRACE_PREFIX "btf_trace_"

enum {
	WANTED_MAX = 64,
	COPIES_MAX = 1024,
	FIELDS_MAX = 256,
	DEPTH_MAX = 32,
	TRACEPOINTS_MAX = 64,
	NAME_MAX_BYTES = 60,
};

static struct {
	int file;
	int complete;
	char path[32];
	struct {
		uint32_t id;
		char name[NAME_MAX_BYTES];
	} tracepoints[TRACEPOINTS_MAX];
	uint32_t tracepoint_count;
} types = { .file = -1 };

/* What is being read, only while types_read() runs. */
struct reading {
	char *data;
	const char *strings;
	uint32_t strings_bytes;
	/* By number, where each type stands. */
	const struct btf_type **all;
	uint32_t count;
	const struct btf *local;
	struct btf *out;
	struct {
		const char *name;
		const struct btf_type *local;
		uint32_t id;
	} wanted[WANTED_MAX];
	uint32_t wanted_count;
	/* Types copied already. */
	struct {
		uint32_t id;
		int copy;
	} copied[COPIES_MAX];
	uint32_t copied_count;
};

static int copied(struct reading *r, uint32_t id, const struct btf_type *local, int depth);

static const char *name_of(const struct reading *r, const struct btf_type *t)
{
	return t->name_off < r->strings_bytes ? r->strings + t->name_off : "";
}

static int read_whole(char **data, size_t *bytes)
{
	int fd = open(KERNEL_TYPES, O_RDONLY | O_CLOEXEC);
	struct stat info;
	size_t at = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &info) || !(*data = malloc((size_t)info.st_size + 1))) {
		n = errno ? errno : ENOMEM;
		close(fd);
		return (int)-n;
	}
	while (n > 0 && at < (size_t)info.st_size) {
		n = read(fd, *data + at, (size_t)info.st_size - at);
		if (n > 0)
			at += (size_t)n;
	}
	close(fd);
	(*data)[at] = 0;
	*bytes = at;
	return n < 0 ? -EIO : 0;
}

/* Bytes that follow a type's common part, or -1. */
static long tail_bytes(const struct btf_type *t)
{
	long n = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * (long)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * (long)sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * (long)sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * (long)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * (long)sizeof(struct btf_var_secinfo);
	default:
		return -1;
	}
}

static void want_local_structs(struct reading *r)
{
	uint32_t n = btf__type_cnt(r->local);

	for (uint32_t id = 1; id < n && r->wanted_count < WANTED_MAX; id++) {
		const struct btf_type *t = btf__type_by_id(r->local, id);
		const char *name = btf__name_by_offset(r->local, t->name_off);

		if (btf_is_struct(t) && name && *name && strncmp(name, "hdrlog", 6)) {
			r->wanted[r->wanted_count].name = name;
			r->wanted[r->wanted_count++].local = t;
		}
	}
}

static void met(struct reading *r, uint32_t id, const struct btf_type *t)
{
	const char *name = name_of(r, t);

	if (btf_is_struct(t)) {
		for (uint32_t i = 0; i < r->wanted_count; i++)
			if (*name == *r->wanted[i].name && !r->wanted[i].id &&
			    !strcmp(name, r->wanted[i].name))
				r->wanted[i].id = id;
	} else if (btf_is_typedef(t) && *name == 'b' &&
		   !strncmp(name, TRACE_PREFIX, sizeof(TRACE_PREFIX) - 1)) {
		const char *short_name = name + sizeof(TRACE_PREFIX) - 1;

		/* Of a thousand tracepoints those of sockets are the ones that we can want. */
		if ((!strncmp(short_name, "tcp_", 4) || !strncmp(short_name, "sock_", 5) ||
		     !strncmp(short_name, "inet_", 5) || !strncmp(short_name, "sk_", 3)) &&
		    types.tracepoint_count < TRACEPOINTS_MAX &&
		    strlen(short_name) < NAME_MAX_BYTES) {
			types.tracepoints[types.tracepoint_count].id = id;
			strcpy(types.tracepoints[types.tracepoint_count++].name, short_name);
		}
	}
}

static int pass(struct reading *r, size_t bytes)
{
	const struct btf_header *header = (const void *)r->data;
	const char *at, *end;
	uint32_t id = 1;

	if (bytes < sizeof(*header) || header->magic != BTF_MAGIC ||
	    header->hdr_len > bytes || header->type_off > bytes || header->type_len > bytes ||
	    header->str_off > bytes || header->str_len > bytes ||
	    (size_t)header->hdr_len + header->type_off + header->type_len > bytes ||
	    (size_t)header->hdr_len + header->str_off + header->str_len > bytes)
		return -EINVAL;
	r->strings = r->data + header->hdr_len + header->str_off;
	r->strings_bytes = header->str_len;
	at = r->data + header->hdr_len + header->type_off;
	end = at + header->type_len;
	r->all = malloc((header->type_len / sizeof(struct btf_type) + 2) * sizeof(*r->all));
	if (!r->all)
		return -ENOMEM;
	while (at + sizeof(struct btf_type) <= end) {
		const struct btf_type *t = (const void *)at;
		long tail = tail_bytes(t);

		if (tail < 0 || at + sizeof(*t) + tail > end)
			return -EINVAL;
		r->all[id] = t;
		met(r, id++, t);
		at += sizeof(*t) + tail;
	}
	r->count = id;
	return 0;
}

static int has_field(const struct reading *r, const struct btf_type *local, const char *name)
{
	const struct btf_member *m = btf_members(local);

	for (uint32_t i = 0; i < btf_vlen(local); i++) {
		const char *ours = btf__name_by_offset(r->local, m[i].name_off);

		if (ours && !strcmp(ours, name))
			return 1;
	}
	return 0;
}

/*
 * With only the fields of the type of ours it stands for, or all of them where there is none; a
 * nameless part has the fields of what it is part of.
 */
static int struct_copied(struct reading *r, const struct btf_type *t,
			 const struct btf_type *local, int depth)
{
	const struct btf_member *m = btf_members(t);
	int kept[FIELDS_MAX], copies[FIELDS_MAX], count = 0, id, err = 0;

	for (int i = 0; i < btf_vlen(t) && count < FIELDS_MAX; i++) {
		const char *name = m[i].name_off < r->strings_bytes ? r->strings + m[i].name_off : "";

		if (*name && local && !has_field(r, local, name))
			continue;
		copies[count] = copied(r, m[i].type, *name ? NULL : local, depth + 1);
		if (copies[count] < 0)
			return copies[count];
		kept[count++] = i;
	}
	id = btf_is_struct(t) ? btf__add_struct(r->out, name_of(r, t), t->size) :
				btf__add_union(r->out, name_of(r, t), t->size);
	for (int i = 0; i < count && id >= 0 && !err; i++) {
		const struct btf_member *k = &m[kept[i]];

		err = btf__add_field(r->out, r->strings + k->name_off, copies[i],
				     btf_member_bit_offset(t, kept[i]),
				     btf_member_bitfield_size(t, kept[i]));
	}
	return err ? err : id;
}

static int copy(struct reading *r, const struct btf_type *t, uint32_t id,
		const struct btf_type *local, int depth)
{
	const struct btf_array *array;
	int element, index;

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return btf__add_int(r->out, name_of(r, t), t->size, btf_int_encoding(t));
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return btf__add_int(r->out, "number", t->size, 0);
	case BTF_KIND_PTR:
		return btf__add_ptr(r->out, 0);
	case BTF_KIND_ARRAY:
		array = btf_array(t);
		element = copied(r, array->type, NULL, depth + 1);
		index = copied(r, array->index_type, NULL, depth + 1);
		if (element < 0 || index < 0)
			return element < 0 ? element : index;
		return btf__add_array(r->out, index, element, (int)array->nelems);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (!*name_of(r, t))
			return struct_copied(r, t, local, depth);
		for (uint32_t i = 0; i < r->wanted_count; i++)
			if (r->wanted[i].id == id)
				return struct_copied(r, t, r->wanted[i].local, depth);
		/* A union of ours by name, or nothing that we look into. */
		if (btf_is_union(t) || !strcmp(name_of(r, t), "in6_addr"))
			return struct_copied(r, t, NULL, depth);
		return btf__add_struct(r->out, name_of(r, t), t->size);
	default:
		return btf__add_fwd(r->out, "unused", BTF_FWD_STRUCT);
	}
}

static int copied(struct reading *r, uint32_t id, const struct btf_type *local, int depth)
{
	const struct btf_type *t;
	int made;

	if (depth > DEPTH_MAX)
		return -EINVAL;
	for (;;) {
		if (id >= r->count)
			return -EINVAL;
		if (!id)
			return 0;
		t = r->all[id];
		if (!btf_is_mod(t) && !btf_is_typedef(t))
			break;
		id = t->type;
	}
	for (uint32_t i = 0; i < r->copied_count; i++)
		if (r->copied[i].id == id)
			return r->copied[i].copy;
	made = copy(r, t, id, local, depth);
	if (made >= 0 && r->copied_count < COPIES_MAX) {
		r->copied[r->copied_count].id = id;
		r->copied[r->copied_count++].copy = made;
	}
	return made;
}

static int written(const struct btf *out)
{
	uint32_t bytes;
	const char *data = btf__raw_data(out, &bytes);
	ssize_t n;

	if (!data)
		return -ENOMEM;
	for (uint32_t at = 0; at < bytes; at += (uint32_t)n) {
		n = write(types.file, data + at, bytes - at);
		if (n <= 0)
			return -EIO;
	}
	types.complete = 1;
	return 0;
}

int types_read(const struct btf *local)
{
	struct reading *r;
	size_t bytes = 0;
	int err;

	if (types.complete)
		return 0;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	types.tracepoint_count = 0;
	r->local = local;
	want_local_structs(r);
	err = read_whole(&r->data, &bytes);
	if (!err)
		err = pass(r, bytes);
	if (!err && !(r->out = btf__new_empty()))
		err = -errno;
	for (uint32_t i = 0; !err && i < r->wanted_count; i++) {
		int made = r->wanted[i].id ? copied(r, r->wanted[i].id, NULL, 0) : 0;

		err = made < 0 ? made : 0;
	}
	if (!err)
		err = written(r->out);
	if (err)
		types_forget();
	btf__free(r->out);
	free(r->all);
	free(r->data);
	free(r);
	return err;
}

const char *types_path(void)
{
	if (types.file < 0)
		types.file = memfd_create("hdrlog_types", MFD_CLOEXEC);
	snprintf(types.path, sizeof(types.path), "/proc/self/fd/%d", types.file);
	return types.path;
}

uint32_t types_tracepoint(const char *tracepoint)
{
	for (uint32_t i = 0; i < types.tracepoint_count; i++)
		if (!strcmp(types.tracepoints[i].name, tracepoint))
			return types.tracepoints[i].id;
	return 0;
}

void types_forget(void)
{
	if (types.file >= 0)
		close(types.file);
	types.file = -1;
	types.complete = 0;
}
