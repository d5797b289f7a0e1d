// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* Loads hdrlog.bpf.o, attaches its programs and maps its ring; Java says which, and in what order. */
#define _GNU_SOURCE
#include "library.h"
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/types.h>
#include "hdrlog.h"

#define TRACEPOINT "tp_btf/"

/* enum bpf_attach_type, from 6.6 on. */
#define TRACE_UPROBE_MULTI 48

enum {
	LINKS_MAX = 256,
	PROGRAM_NAME_MAX = 64,
};

struct hdrlog_loaded {
	struct bpf_object *object;
	struct bpf_link *links[LINKS_MAX];
	uint32_t link_count;
	int listeners;
	int losses;
	void *consumer;
	size_t consumer_bytes;
	void *producer;
	size_t producer_bytes;
};

static int is_tracepoint(const struct bpf_program *program)
{
	return !strncmp(bpf_program__section_name(program), TRACEPOINT, sizeof(TRACEPOINT) - 1);
}

static const char *tracepoint_of(const struct bpf_program *program)
{
	return bpf_program__section_name(program) + sizeof(TRACEPOINT) - 1;
}

/*
 * libbpf reads all of the kernel's types for any program of type "tracing". So ours are of another
 * type until the very moment of loading, when the tracepoint's number is known already.
 */
static int tracepoint_prepared(struct bpf_program *program, struct bpf_prog_load_opts *opts,
			       long cookie)
{
	(void)cookie;
	opts->attach_btf_id = types_tracepoint(tracepoint_of(program));
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

__attribute__((constructor)) static void tracepoints_taken_over(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = tracepoint_prepared);

	libbpf_register_prog_handler("tp_btf+", BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_TRACE_RAW_TP,
				     &opts);
}

/* Copies the next line; 0 at the end. */
static int next_line(const char **from, char line[PROGRAM_NAME_MAX])
{
	size_t length = strcspn(*from, "\n");

	if (!length || length >= PROGRAM_NAME_MAX)
		return 0;
	memcpy(line, *from, length);
	line[length] = 0;
	*from += length + ((*from)[length] == '\n');
	return 1;
}

static int selected(struct bpf_object *object, const struct hdrlog_load_request *request)
{
	const char *names = request->programs;
	struct bpf_program *program;
	char name[PROGRAM_NAME_MAX];
	int err = 0;

	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, false);
	while (!err && next_line(&names, name)) {
		program = bpf_object__find_program_by_name(object, name);
		if (!program)
			return -ENOENT;
		bpf_program__set_autoload(program, true);
		if (is_tracepoint(program) && !types_tracepoint(tracepoint_of(program))) {
			log_line("prog '%s': this kernel has no tracepoint %s\n", name,
				 tracepoint_of(program));
			return -ESRCH;
		}
		if (request->multi && !strcmp(bpf_program__section_name(program), "uprobe"))
			err = bpf_program__set_expected_attach_type(program, TRACE_UPROBE_MULTI);
	}
	return err;
}

static int configured(struct bpf_object *object, uint64_t settings)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	size_t bytes = 0;
	void *initial = map ? bpf_map__initial_value(map, &bytes) : NULL;

	if (!initial || bytes != sizeof(settings))
		return -EINVAL;
	memcpy(initial, &settings, sizeof(settings));
	return 0;
}

static int kept(struct hdrlog_loaded *l, struct bpf_link *link)
{
	if (!link)
		return -errno;
	if (l->link_count == LINKS_MAX) {
		bpf_link__destroy(link);
		return -E2BIG;
	}
	l->links[l->link_count++] = link;
	return 0;
}

static int attached(struct hdrlog_loaded *l, struct hdrlog_load_request *request)
{
	LIBBPF_OPTS(bpf_test_run_opts, once);
	const char *names = request->programs;
	struct bpf_program *program;
	char name[PROGRAM_NAME_MAX];
	int err = 0;

	while (!err && next_line(&names, name)) {
		program = bpf_object__find_program_by_name(l->object, name);
		request->failed = bpf_program__name(program);
		if (is_tracepoint(program))
			err = kept(l, bpf_program__attach_trace(program));
		else if (!strcmp(bpf_program__section_name(program), "raw_tp"))
			err = bpf_prog_test_run_opts(bpf_program__fd(program), &once);
	}
	if (!err)
		request->failed = NULL;
	return err;
}

static int ring_mapped(struct hdrlog_loaded *l, struct hdrlog_load_request *request)
{
	int fd = bpf_object__find_map_fd_by_name(l->object, "hdrlog_ring");
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = page + request->ring_bytes;
	void *at;

	if (fd < 0)
		return fd;
	at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	l->consumer = at;
	l->consumer_bytes = page;
	at = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (at == MAP_FAILED)
		return -errno;
	l->producer = at;
	l->producer_bytes = bytes;
	request->ring_consumer = l->consumer;
	request->ring_producer = l->producer;
	request->page_bytes = page;
	return 0;
}

/* The file of types is named before it is written: what has to be in it, the object says. */
static struct bpf_object *opened(const struct hdrlog_load_request *request)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "hdrlog",
		    .btf_custom_path = types_path());
	struct bpf_object *object = bpf_object__open_mem(request->elf, request->elf_bytes, &opts);
	int err = object ? types_read(bpf_object__btf(object)) : 0;

	if (!err)
		return object;
	log_line("reading the kernel's types: %s\n", strerror(-err));
	bpf_object__close(object);
	errno = -err;
	return NULL;
}

int64_t hdrlog_load(struct hdrlog_load_request *request)
{
	struct hdrlog_loaded *l = calloc(1, sizeof(*l));
	int err = 0;

	request->log = log_started();
	request->loaded = NULL;
	request->failed = NULL;
	if (!l)
		return -ENOMEM;
	l->object = opened(request);
	if (!l->object)
		err = -errno;
	if (!err)
		err = selected(l->object, request);
	if (!err)
		err = configured(l->object, request->settings);
	if (!err)
		err = bpf_object__load(l->object);
	if (!err)
		err = attached(l, request);
	if (!err)
		err = ring_mapped(l, request);
	if (err) {
		/* The name is the object's. */
		static char failed[PROGRAM_NAME_MAX];

		if (request->failed) {
			strncpy(failed, request->failed, sizeof(failed) - 1);
			request->failed = failed;
		}
		hdrlog_close(l);
		return err;
	}
	l->listeners = bpf_object__find_map_fd_by_name(l->object, "hdrlog_listeners");
	l->losses = bpf_object__find_map_fd_by_name(l->object, "hdrlog_losses");
	request->loaded = l;
	types_forget();
	return 0;
}

int64_t hdrlog_close(struct hdrlog_loaded *l)
{
	for (uint32_t i = 0; i < l->link_count; i++)
		bpf_link__destroy(l->links[i]);
	if (l->consumer)
		munmap(l->consumer, l->consumer_bytes);
	if (l->producer)
		munmap(l->producer, l->producer_bytes);
	bpf_object__close(l->object);
	free(l);
	return 0;
}

static int attached_one(struct hdrlog_loaded *l, const struct bpf_program *program,
			const struct hdrlog_attach_request *request, uint64_t offset)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = request->at_return != 0);

	return kept(l, bpf_program__attach_uprobe_opts(program, (pid_t)request->pid,
						       request->path, offset, &opts));
}

int64_t hdrlog_attach(const struct hdrlog_attach_request *request)
{
	LIBBPF_OPTS(bpf_uprobe_multi_opts, multi, .offsets = request->offsets,
		    .cnt = request->offset_count, .retprobe = request->at_return != 0);
	struct hdrlog_loaded *l = request->loaded;
	struct bpf_program *program = bpf_object__find_program_by_name(l->object, request->program);
	int err = 0;

	if (!program)
		return -ENOENT;
	if (request->multi)
		return kept(l, bpf_program__attach_uprobe_multi(program, (pid_t)request->pid,
								request->path, NULL, &multi));
	for (uint64_t i = 0; i < request->offset_count && !err; i++)
		err = attached_one(l, program, request, request->offsets[i]);
	return err;
}

/* The port of a descriptor that is a listening TCP socket, or 0. */
static uint16_t listening_port(int fd)
{
	socklen_t bytes = sizeof(int);
	struct sockaddr_in6 address;
	int value = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &bytes) || !value)
		return 0;
	bytes = sizeof(value);
	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &value, &bytes) || value != IPPROTO_TCP)
		return 0;
	bytes = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &bytes))
		return 0;
	/* Where IPv4 and IPv6 agree. */
	return ntohs(address.sin6_port);
}

int64_t hdrlog_join(struct hdrlog_loaded *l)
{
	DIR *descriptors = opendir("/proc/self/fd");
	struct hdrlog_listener listener = { 0 };
	struct dirent *entry;
	struct stat info;
	uint32_t one = 1;
	int err = 0;

	if (!descriptors || stat("/proc/self/ns/net", &info)) {
		err = -errno;
		if (descriptors)
			closedir(descriptors);
		return err;
	}
	listener.netns = (uint32_t)info.st_ino;
	while (!err && (entry = readdir(descriptors))) {
		listener.port = *entry->d_name == '.' ? 0 : listening_port(atoi(entry->d_name));
		if (listener.port)
			err = bpf_map_update_elem(l->listeners, &listener, &one, BPF_ANY);
	}
	closedir(descriptors);
	return err;
}

int64_t hdrlog_losses(const struct hdrlog_losses_request *request)
{
	uint32_t only = 0;

	return bpf_map_lookup_elem(request->loaded->losses, &only, request->losses);
}
