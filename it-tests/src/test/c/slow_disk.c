// SPDX-License-Identifier: Apache-2.0
/*
 * A disk that takes so many bytes a second, for one thread of a JVM: put before libc by LD_PRELOAD.
 * SLOW_DISK names a file; while it is there, writes of the thread hdrlog-consumer are slow.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define BYTES_A_SECOND 400000LL
#define NS_A_SECOND 1000000000LL
#define NAME_BYTES 16

ssize_t write(int fd, const void *bytes, size_t length)
{
	static ssize_t (*next)(int, const void *, size_t);
	const char *flag = getenv("SLOW_DISK");
	char name[NAME_BYTES] = "";
	ssize_t written;

	if (!next)
		next = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	written = next(fd, bytes, length);
	if (written > 0 && flag && !prctl(PR_GET_NAME, name) && !strcmp(name, "hdrlog-consumer") &&
	    !access(flag, F_OK)) {
		long long ns = written * NS_A_SECOND / BYTES_A_SECOND;
		struct timespec left = { ns / NS_A_SECOND, ns % NS_A_SECOND };

		while (nanosleep(&left, &left) && errno == EINTR)
			;
	}
	return written;
}
