/*
 * send_loop.c - sendfile as a server does it that has many connections: one thread, epoll, sockets that do not block. What this
 * costs more than the blocking sendfile is what readiness costs, and no framework on epoll can avoid.
 *
 * One request of a connection is under way at a time; the next line is looked at when its bytes have left.
 */
#include "send.h"
#include <sys/sendfile.h>

struct loop_conn {
	char line[256];
	uint32_t len;
	int file;      /* 0: none is being sent */
	off_t at, end;
};

static struct loop_conn *conns;

/* advance sends what the socket takes, and begins the next request; -1 ends the connection, 1 waits for output. */
static int advance(int fd, struct loop_conn *c, int (*find)(const char *, uint64_t *))
{
	for (;;) {
		while (c->file && c->at < c->end) {
			ssize_t n = sendfile(fd, c->file, &c->at, c->end - c->at);
			if (n < 0 && errno == EAGAIN)
				return 1;
			if (n <= 0 && errno != EINTR)
				return -1;
		}
		c->file = 0;
		char *eol = memchr(c->line, '\n', c->len);
		if (!eol)
			return c->len == sizeof c->line ? -1 : 0;
		uint64_t size;
		*eol = 0;
		if ((c->file = find(c->line, &size)) <= 0)
			return -1;
		c->at = 0;
		c->end = size;
		c->len -= eol + 1 - c->line;
		memmove(c->line, eol + 1, c->len);
	}
}

void serve_loop(int listener, int (*find)(const char *, uint64_t *))
{
	static struct epoll_event events[MAX_EVENTS];
	int ep = epoll_create1(EPOLL_CLOEXEC);

	conns = table(MAX_FDS, sizeof *conns);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	watch(ep, listener);
	for (;;) {
		int n = epoll_wait(ep, events, MAX_EVENTS, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			struct loop_conn *c = &conns[fd];
			if (fd == listener) {
				accept_all(ep, listener);
				continue;
			}
			int sending = c->file != 0;
			if (!sending) {
				ssize_t r = recv(fd, c->line + c->len, sizeof c->line - c->len, 0);
				if (r < 0 && (errno == EAGAIN || errno == EINTR))
					continue;
				if (r <= 0)
					goto gone;
				c->len += r;
			}
			int waits = advance(fd, c, find);
			if (waits >= 0) {
				if (waits != sending)
					rewatch(ep, fd, waits);
				continue;
			}
		gone:
			memset(c, 0, sizeof *c);
			close(fd);
		}
	}
}

const struct way way_loop = {"loop"};
