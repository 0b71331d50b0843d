/*
 * send_splice.c - the ways by which the kernel passes pages of its cache on: sendfile, splice through a pipe, and tee, which
 * lets a second reader have the same pages.
 */
#include "send.h"
#include <sys/sendfile.h>

static int by_sendfile(struct conn *c, int file, uint64_t size)
{
	for (off_t at = 0; (uint64_t)at < size;) {
		ssize_t n = sendfile(c->fd, file, &at, size - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
	}
	return 0;
}

static void prepare_small(struct conn *c)
{
	c->pipe_size = SMALL_PIPE;
	pipe_of(c->pipe, SMALL_PIPE);
}

static void prepare_large(struct conn *c)
{
	c->pipe_size = LARGE_PIPE;
	pipe_of(c->pipe, LARGE_PIPE);
}

static void prepare_tee(struct conn *c)
{
	prepare_large(c);
	pipe_of(c->second, LARGE_PIPE);
}

/* splice_all moves n bytes that are in a pipe. More says that others will follow, so no short segment need leave. */
static int splice_all(int from, int to, size_t n, int more)
{
	while (n > 0) {
		ssize_t w = splice(from, NULL, to, NULL, n, SPLICE_F_MOVE | (more ? SPLICE_F_MORE : 0));
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return -1;
		n -= w;
	}
	return 0;
}

/* fill splices the next bytes of a file into the pipe. */
static ssize_t fill(struct conn *c, int file, loff_t *at, uint64_t size)
{
	uint64_t left = size - *at;
	return splice(file, at, c->pipe[1], NULL, left < (uint64_t)c->pipe_size ? left : (uint64_t)c->pipe_size, SPLICE_F_MOVE);
}

static int by_splice(struct conn *c, int file, uint64_t size)
{
	for (loff_t at = 0; (uint64_t)at < size;) {
		ssize_t n = fill(c, file, &at, size);
		if (n <= 0 || splice_all(c->pipe[0], c->fd, n, (uint64_t)at < size) < 0)
			return -1;
	}
	return 0;
}

/* by_tee gives each piece to the second reader first, and then to the client. */
static int by_tee(struct conn *c, int file, uint64_t size)
{
	for (loff_t at = 0; (uint64_t)at < size;) {
		ssize_t n = fill(c, file, &at, size);
		if (n <= 0)
			return -1;
		while (n > 0) { /* tee takes what the second pipe has room for */
			ssize_t t = tee(c->pipe[0], c->second[1], n, 0);
			if (t <= 0 || splice_all(c->second[0], tap_fd, t, 0) < 0 ||
			    splice_all(c->pipe[0], c->fd, t, t < n || (uint64_t)at < size) < 0)
				return -1;
			n -= t;
		}
	}
	return 0;
}

const struct way way_sendfile = {"sendfile", .send = by_sendfile};
const struct way way_splice = {"splice", .prepare = prepare_small, .send = by_splice};
const struct way way_splice_large = {"splice1m", .prepare = prepare_large, .send = by_splice};
const struct way way_tee = {"tee", .prepare = prepare_tee, .send = by_tee};
