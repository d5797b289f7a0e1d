/*
 * What the kernel takes for a log: system and user time a record of 2,082 bytes, written in pieces
 * into the page cache and given back as WrittenPages does, past it (O_DIRECT), or given back by the
 * kernel itself (RWF_DONTCACHE).
 * usage: file_write FILE cached|direct|dontcache PIECE_BYTES MIB
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x80
#endif

#define RECORD_BYTES 2082
#define PAGE_BYTES 4096
#define STEP_BYTES (2L << 20)
#define KEPT_BYTES (16L << 20)

struct pages {
	const char *file;
	double seconds;
	atomic_long size;
	atomic_int done;
	int unused;
};

static double thread_seconds(void)
{
	struct rusage r;

	getrusage(RUSAGE_THREAD, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void *give_back(void *argument)
{
	struct pages *p = argument;
	int fd = open(p->file, O_RDONLY);
	long written = 0, dropped = 0;

	while (!p->done) {
		long size = p->size;

		if (size - written < STEP_BYTES) {
			usleep(1000);
			continue;
		}
		sync_file_range(fd, written, size - written, SYNC_FILE_RANGE_WRITE);
		written = size;
		if (size - KEPT_BYTES > dropped) {
			long from = dropped > 2 * KEPT_BYTES ? dropped - 2 * KEPT_BYTES : 0;

			dropped = size - KEPT_BYTES;
			posix_fadvise(fd, from, dropped - from, POSIX_FADV_DONTNEED);
		}
	}
	close(fd);
	p->seconds = thread_seconds();
	return NULL;
}

int main(int argc, char **argv)
{
	struct pages p = { 0 };
	pthread_t thread;
	long piece, total, records;
	int fd, direct, dontcache;
	double began, took;
	char *from;

	if (argc != 5) {
		fprintf(stderr, "usage: file_write FILE cached|direct|dontcache PIECE_BYTES MIB\n");
		return 2;
	}
	p.file = argv[1];
	direct = !strcmp(argv[2], "direct");
	dontcache = !strcmp(argv[2], "dontcache");
	piece = atol(argv[3]);
	total = atol(argv[4]) << 20;
	fd = open(p.file, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | (direct ? O_DIRECT : 0), 0600);
	if (fd < 0 || posix_memalign((void **)&from, PAGE_BYTES, (size_t)piece + RECORD_BYTES)) {
		perror(p.file);
		return 1;
	}
	memset(from, 'x', (size_t)piece + RECORD_BYTES);
	if (!direct && !dontcache && pthread_create(&thread, NULL, give_back, &p))
		return 1;
	began = thread_seconds();
	while (p.size < total) {
		/* Records do not end where pages do. */
		long more = direct ? 0 : (p.size / 7) % RECORD_BYTES;
		struct iovec v = { from, (size_t)(piece + more) };
		ssize_t wrote = pwritev2(fd, &v, 1, -1, dontcache ? RWF_DONTCACHE : 0);

		if (wrote < 0) {
			perror("pwritev2");
			return 1;
		}
		p.size += wrote;
	}
	took = thread_seconds() - began;
	p.done = 1;
	if (!direct && !dontcache)
		pthread_join(thread, NULL);
	records = p.size / RECORD_BYTES;
	printf("%-9s %8ld bytes a call: writer %4.0f ns a record, pages %4.0f", argv[2], piece,
	       took * 1e9 / (double)records, p.seconds * 1e9 / (double)records);
	unlink(p.file);
	return 0;
}
