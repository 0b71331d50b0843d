/*
 * server.h - what the floor servers share: options, the listening socket and
 * per-connection state found by file descriptor.
 *
 * A "floor" is the least a correct server can do for the same bytes on the
 * wire. The floors use no library, no allocation per message and no layer,
 * but they do handle partial reads, partial writes and closed peers: a floor
 * that only works when everything goes well would not be a fair one.
 */
#ifndef ROPEWALK_BENCH_SERVER_H
#define ROPEWALK_BENCH_SERVER_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	READ_SIZE = 64 << 10, /* bytes asked for by one read */
	MAX_EVENTS = 256,     /* events taken by one epoll_wait */
	MAX_FDS = 65536,      /* size of the connection table */
};

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

/* option returns the value after `-name` on the command line, or a default. */
static inline const char *option(int argc, char **argv, const char *name, const char *value)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			value = argv[i + 1];
	return value;
}

/*
 * listen_on opens a listening socket at 127.0.0.1:port (0 = any) and prints
 * the "listening on" line the orchestrator waits for.
 */
static inline int listen_on(int port, int flags)
{
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
	socklen_t len = sizeof sa;

	struct rlimit files;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0)
		die("bind");
	if (listen(fd, 4096) < 0)
		die("listen");
	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		die("getsockname");
	printf("listening on 127.0.0.1:%d\n", ntohs(sa.sin_port));
	fflush(stdout);
	return fd;
}

/*
 * table reserves an array of n zeroed entries. Only touched pages take
 * memory, so an entry per possible descriptor costs nothing until it is used.
 */
static inline void *table(size_t n, size_t size)
{
	void *p = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* watch adds a descriptor to the epoll set, waiting for input. */
static inline void watch(int ep, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll_ctl add");
}

/* watch_for waits for these events instead of those before. */
static inline void watch_for(int ep, int fd, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.fd = fd};
	if (epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev) < 0)
		die("epoll_ctl mod");
}

/* rewatch waits for output (and only for output) or for input again. */
static inline void rewatch(int ep, int fd, int writing)
{
	watch_for(ep, fd, writing ? EPOLLOUT : EPOLLIN);
}

/* accept_one takes a waiting connection and watches it; -1 if there is none. */
static inline int accept_one(int ep, int listener)
{
	for (;;) {
		int one = 1;
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return -1; /* EAGAIN, or a peer that has already gone */
		if (fd >= MAX_FDS) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		watch(ep, fd);
		return fd;
	}
}

/* accept_all takes every waiting connection and watches it. */
static inline void accept_all(int ep, int listener)
{
	while (accept_one(ep, listener) >= 0)
		;
}

#endif
