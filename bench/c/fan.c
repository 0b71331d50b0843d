/*
 * fan.c - the floor for broadcasts: a single-threaded, level-triggered epoll loop that sends every frame it gets to all
 * connections, one send each. A frame is a 4-byte big-endian length and that many bytes.
 *
 *   fan [-p PORT] [-max BYTES]
 *
 * All connections share one receive buffer, and the frame is sent from where it was received. A connection only gets memory of
 * its own for the start of a frame whose rest has not come yet, and for what its peer did not take: that is bounded by
 * QUEUE_MAX, and who leaves more than that is dropped.
 */
#include "server.h"

enum { QUEUE_MAX = 16 << 20 };

struct conn {
	uint8_t *begun, *queue; /* the start of a frame; unsent[out..end) */
	uint32_t begun_size, out, end, room;
	int place; /* in members */
	int open;
};

static struct conn *conns;
static int *members, member_count; /* descriptors */
static uint8_t *shared;
static uint32_t max_payload, capacity;
static int ep;

/* join_all makes members of all who wait. */
static void join_all(int listener)
{
	int fd;
	while ((fd = accept_one(ep, listener)) >= 0) {
		conns[fd].open = 1;
		conns[fd].place = member_count;
		members[member_count++] = fd;
	}
}

static void drop(int fd)
{
	struct conn *c = &conns[fd];
	int last = members[--member_count];
	members[c->place] = last;
	conns[last].place = c->place;
	free(c->begun);
	free(c->queue);
	memset(c, 0, sizeof *c);
	close(fd);
}

/* queue keeps what a peer did not take; 0 if that is too much. */
static int queue(struct conn *c, const uint8_t *p, uint32_t n)
{
	if (c->end + n > c->room) {
		uint32_t used = c->end - c->out, room = 2 * (used + n);
		if (used + n > QUEUE_MAX)
			return 0;
		uint8_t *grown = malloc(room);
		if (!grown)
			die("malloc");
		if (used)
			memcpy(grown, c->queue + c->out, used);
		free(c->queue);
		c->queue = grown;
		c->room = room;
		c->out = 0;
		c->end = used;
	}
	memcpy(c->queue + c->end, p, n);
	c->end += n;
	return 1;
}

/* send_to sends to one member; 0 if it has to go. */
static int send_to(int fd, const uint8_t *p, uint32_t n)
{
	struct conn *c = &conns[fd];
	if (c->out < c->end)
		return queue(c, p, n);
	ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
	if (sent == n)
		return 1;
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return 0;
	sent = sent < 0 ? 0 : sent;
	if (!queue(c, p + sent, n - sent))
		return 0;
	watch_for(ep, fd, EPOLLIN | EPOLLOUT);
	return 1;
}

static void broadcast(const uint8_t *p, uint32_t n)
{
	for (int i = member_count - 1; i >= 0; i--) /* backwards: who goes has its place taken by one that had its turn */
		if (!send_to(members[i], p, n))
			drop(members[i]);
}

/* on_readable does one read, broadcasts the whole frames and keeps what is left. */
static void on_readable(int fd)
{
	struct conn *c = &conns[fd];
	uint32_t had = c->begun_size, at = 0;
	if (had)
		memcpy(shared, c->begun, had);
	ssize_t n = recv(fd, shared + had, capacity - had, 0);
	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		drop(fd);
		return;
	}
	uint32_t len = had + n;
	while (len - at >= 4) {
		uint32_t size;
		memcpy(&size, shared + at, 4);
		size = ntohl(size);
		if (size > max_payload) {
			drop(fd);
			return;
		}
		if (len - at - 4 < size)
			break;
		broadcast(shared + at, 4 + size);
		if (!c->open)
			return; /* it did not take its own */
		at += 4 + size;
	}
	if (at < len || had) {
		uint8_t *rest = NULL;
		if (at < len && !(rest = malloc(len - at)))
			die("malloc");
		if (rest)
			memcpy(rest, shared + at, len - at);
		free(c->begun);
		c->begun = rest;
		c->begun_size = len - at;
	}
}

static void on_writable(int fd)
{
	struct conn *c = &conns[fd];
	ssize_t n = send(fd, c->queue + c->out, c->end - c->out, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			drop(fd);
		return;
	}
	c->out += n;
	if (c->out == c->end) {
		free(c->queue);
		c->queue = NULL;
		c->out = c->end = c->room = 0;
		watch_for(ep, fd, EPOLLIN);
	}
}

int main(int argc, char **argv)
{
	static struct epoll_event events[MAX_EVENTS];
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), SOCK_NONBLOCK);

	max_payload = strtoul(option(argc, argv, "-max", "1048576"), NULL, 10);
	capacity = 4 + max_payload > READ_SIZE ? 4 + max_payload : READ_SIZE;
	conns = table(MAX_FDS, sizeof *conns);
	members = table(MAX_FDS, sizeof *members);
	shared = table(1, capacity);
	ep = epoll_create1(EPOLL_CLOEXEC);
	watch(ep, listener);
	for (;;) {
		int n = epoll_wait(ep, events, MAX_EVENTS, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == listener)
				join_all(listener);
			if (conns[fd].open && events[i].events & EPOLLOUT && conns[fd].out < conns[fd].end)
				on_writable(fd);
			if (conns[fd].open && events[i].events & ~EPOLLOUT)
				on_readable(fd);
		}
	}
}
