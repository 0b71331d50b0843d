/*
 * echo.c - the floor for raw echo: a single-threaded, level-triggered epoll
 * loop that answers every read of up to 64 KiB by one write.
 *
 *   echo [-p PORT]
 *
 * One read per event: epoll is level-triggered, so what a full read left
 * behind is reported again. All connections share one buffer; bytes a peer
 * does not take at once are copied aside, and that peer is not read from
 * until they are gone, so memory stays bounded.
 */
#include "server.h"

struct conn {
	char *rest; /* unsent bytes: rest[out..end) */
	uint32_t out, end;
};

static struct conn *conns;
static char shared[READ_SIZE];
static int ep;

static void drop(int fd)
{
	free(conns[fd].rest);
	memset(&conns[fd], 0, sizeof conns[fd]);
	close(fd);
}

static void on_readable(int fd)
{
	struct conn *c = &conns[fd];
	ssize_t n = recv(fd, shared, sizeof shared, 0);
	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		drop(fd);
		return;
	}
	ssize_t sent = send(fd, shared, n, MSG_NOSIGNAL);
	if (sent == n)
		return;
	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR) {
			drop(fd);
			return;
		}
		sent = 0;
	}
	if (!(c->rest = malloc(n - sent)))
		die("malloc");
	memcpy(c->rest, shared + sent, n - sent);
	c->out = 0;
	c->end = n - sent;
	rewatch(ep, fd, 1);
}

static void on_writable(int fd)
{
	struct conn *c = &conns[fd];
	ssize_t n = send(fd, c->rest + c->out, c->end - c->out, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			drop(fd);
		return;
	}
	c->out += n;
	if (c->out == c->end) {
		free(c->rest);
		memset(c, 0, sizeof *c);
		rewatch(ep, fd, 0);
	}
}

int main(int argc, char **argv)
{
	static struct epoll_event events[MAX_EVENTS];
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), SOCK_NONBLOCK);

	conns = table(MAX_FDS, sizeof *conns);
	ep = epoll_create1(EPOLL_CLOEXEC);
	watch(ep, listener);
	for (;;) {
		int n = epoll_wait(ep, events, MAX_EVENTS, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == listener)
				accept_all(ep, listener);
			else if (conns[fd].rest)
				on_writable(fd);
			else
				on_readable(fd);
		}
	}
}
