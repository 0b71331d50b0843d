/*
 * proxy.c - the floor for a TCP proxy: every connection is carried on to one backend, in both directions.
 *
 *   proxy -to PORT [-way copy|splice] [-p PORT]
 *
 * copy:   one recv of up to 64 KiB and one send for an event. All connections share one buffer; what a peer does not take at once
 *         is copied aside, and nothing more is received for it until it is gone.
 * splice: socket -> pipe of 1 MiB -> socket, a pipe for each direction.
 *
 * One thread, level-triggered epoll. A side is waited for only while its bytes have somewhere to go, so a silent peer costs no
 * call. End of stream is passed on when all bytes before it are.
 */
#include "server.h"

enum { PIPE_SIZE = 1 << 20 };

/* One end of a pair. What it receives goes to its peer: first into rest (copy) or pipe (splice). */
struct end {
	int fd, peer;          /* peer: a descriptor */
	uint32_t events;       /* what epoll waits for */
	char *rest;            /* copy: bytes for the peer that it has not taken: rest[out..left) */
	uint32_t out, left;    /* splice: left bytes are in the pipe */
	int pipe[2];
	uint8_t used, connected, ended, passed; /* ended: no more input; passed: and the peer knows */
};

static struct end *ends;
static char shared[READ_SIZE];
static int ep, use_splice, to_port;

static void close_pair(struct end *a)
{
	struct end *pair[] = {a, &ends[a->peer]};
	for (int i = 0; i < 2; i++) {
		struct end *e = pair[i];
		free(e->rest);
		if (use_splice) {
			close(e->pipe[0]);
			close(e->pipe[1]);
		}
		close(e->fd);
	}
	memset(pair[1], 0, sizeof *pair[1]);
	memset(a, 0, sizeof *a);
}

/* wait_for sets what epoll waits for: input while nothing is left for the peer, and output while the peer has something for us. */
static void wait_for(struct end *e)
{
	struct end *peer = &ends[e->peer];
	uint32_t want = (!e->ended && e->left == 0 && peer->connected ? EPOLLIN : 0) |
			(peer->left > 0 || !e->connected ? EPOLLOUT : 0);
	struct epoll_event ev = {.events = want, .data.fd = e->fd};
	if (want != e->events && epoll_ctl(ep, EPOLL_CTL_MOD, e->fd, &ev) < 0)
		die("epoll_ctl mod");
	e->events = want;
}

/* drain gives the peer what is left for it; -1 if it is gone. */
static int drain(struct end *e)
{
	ssize_t n;
	if (e->left == 0)
		return 0;
	if (use_splice)
		n = splice(e->pipe[0], NULL, e->peer, NULL, e->left, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	else
		n = send(e->peer, e->rest + e->out, e->left, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	e->left -= n;
	e->out += n;
	if (e->left == 0) {
		free(e->rest);
		e->rest = NULL;
		e->out = 0;
	}
	return 0;
}

/* take receives once and sends on. */
static int take(struct end *e)
{
	if (use_splice) {
		ssize_t n = splice(e->fd, NULL, e->pipe[1], NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		e->ended = n == 0;
		e->left += n;
		return drain(e);
	}
	ssize_t n = recv(e->fd, shared, sizeof shared, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0) {
		e->ended = 1;
		return 0;
	}
	ssize_t sent = send(e->peer, shared, n, MSG_NOSIGNAL);
	if (sent == n)
		return 0;
	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		sent = 0;
	}
	if (!(e->rest = malloc(n - sent)))
		die("malloc");
	memcpy(e->rest, shared + sent, n - sent);
	e->out = 0;
	e->left = n - sent;
	return 0;
}

static int pass_end(struct end *e)
{
	if (e->ended && e->left == 0 && !e->passed) {
		e->passed = 1;
		shutdown(e->peer, SHUT_WR);
	}
	return e->passed && ends[e->peer].passed ? -1 : 0;
}

static void on_event(struct end *e, uint32_t events)
{
	struct end *peer = &ends[e->peer];
	if (events & EPOLLOUT && !e->connected) {
		int error = 0;
		socklen_t len = sizeof error;
		getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error)
			goto gone;
		e->connected = 1;
	}
	if (events & EPOLLOUT && drain(peer) < 0)
		goto gone;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && e->connected && !e->ended && e->left == 0 && take(e) < 0)
		goto gone;
	if (events & EPOLLERR || pass_end(e) < 0 || pass_end(peer) < 0)
		goto gone;
	wait_for(e);
	wait_for(peer);
	return;
gone:
	close_pair(e);
}

static void begin(struct end *e, int fd, int peer, int connected)
{
	int one = 1;
	struct epoll_event ev = {.events = connected ? 0 : EPOLLOUT, .data.fd = fd};

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	*e = (struct end){.fd = fd, .peer = peer, .used = 1, .connected = connected, .events = ev.events};
	if (use_splice && (pipe2(e->pipe, O_NONBLOCK | O_CLOEXEC) < 0 || fcntl(e->pipe[1], F_SETPIPE_SZ, PIPE_SIZE) < 0))
		die("pipe");
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll_ctl add");
}

static void accept_pairs(int listener)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(to_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		int back = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (back < 0 || back >= MAX_FDS || fd >= MAX_FDS ||
		    (connect(back, (struct sockaddr *)&sa, sizeof sa) < 0 && errno != EINPROGRESS)) {
			close(fd);
			if (back >= 0)
				close(back);
			continue;
		}
		begin(&ends[fd], fd, back, 1);
		begin(&ends[back], back, fd, 0);
	}
}

int main(int argc, char **argv)
{
	static struct epoll_event events[MAX_EVENTS];
	use_splice = strcmp(option(argc, argv, "-way", "copy"), "splice") == 0;
	to_port = atoi(option(argc, argv, "-to", "0"));
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), SOCK_NONBLOCK);

	ends = table(MAX_FDS, sizeof *ends);
	ep = epoll_create1(EPOLL_CLOEXEC);
	watch(ep, listener);
	for (;;) {
		int n = epoll_wait(ep, events, MAX_EVENTS, -1), waiting = 0;
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == listener)
				waiting = 1;
			else if (ends[fd].used)
				on_event(&ends[fd], events[i].events);
		}
		/* At last: a new connection may get the number of one that was closed, for which there is still an event. */
		if (waiting)
			accept_pairs(listener);
	}
}
