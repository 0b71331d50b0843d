/*
 * frames.c - the floor for framed echo: a single-threaded, level-triggered
 * epoll loop. A frame is a 4-byte big-endian length and that many bytes; it
 * is answered by the same frame.
 *
 *   frames [-p PORT] [-max BYTES]
 *
 * The trick that makes it a floor: an answer equals its request byte for
 * byte, so the whole frames at the front of the receive buffer ARE the
 * answer. Every header is parsed and checked, nothing is copied, and a burst
 * of frames is answered by one write.
 *
 * All connections share one receive buffer. A connection only gets a buffer
 * of its own while it has something to keep: the start of a frame whose rest
 * has not come yet, or answers that the peer does not take yet.
 */
#include "server.h"

struct buffer {
	struct buffer *next; /* in the free list */
	uint8_t data[];
};

/* The part of a connection's stream that must be kept between events:
 * own->data[out..end) waits to be written, own->data[end..len) is the start
 * of a frame. 24 bytes a connection, and no buffer while both are empty. */
struct conn {
	struct buffer *own;
	uint32_t out, end, len;
};

static uint32_t max_payload;
static uint32_t capacity; /* of every buffer: a whole read or a whole frame */
static struct buffer *shared, *free_list;
static struct conn *conns;
static int ep;

static struct buffer *get_buffer(void)
{
	struct buffer *b = free_list;
	if (b)
		free_list = b->next;
	else if (!(b = malloc(sizeof *b + capacity)))
		die("malloc");
	return b;
}

static void put_buffer(struct buffer *b)
{
	b->next = free_list;
	free_list = b;
}

static void drop(int fd)
{
	struct conn *c = &conns[fd];
	if (c->own)
		put_buffer(c->own);
	memset(c, 0, sizeof *c);
	close(fd);
}

/* whole_frames returns how many of the len bytes at p are whole frames, or -1
 * when a frame is longer than allowed. */
static int64_t whole_frames(const uint8_t *p, uint32_t len)
{
	uint32_t at = 0;
	while (len - at >= 4) {
		uint32_t size;
		memcpy(&size, p + at, 4);
		size = ntohl(size);
		if (size > max_payload)
			return -1;
		if (len - at - 4 < size)
			break;
		at += 4 + size;
	}
	return at;
}

/* keep stores data[out..len) at the front of the connection's own buffer, or
 * gives the buffer back when that is nothing. */
static void keep(struct conn *c, uint8_t *data, uint32_t out, uint32_t end, uint32_t len)
{
	if (out == len) {
		if (c->own) {
			put_buffer(c->own);
			c->own = NULL;
		}
		c->out = c->end = c->len = 0;
		return;
	}
	if (!c->own)
		c->own = get_buffer();
	memmove(c->own->data, data + out, len - out);
	c->out = 0;
	c->end = end - out;
	c->len = len - out;
}

/* on_readable does one read, answers the whole frames in one write and keeps
 * what is left. */
static void on_readable(int fd)
{
	struct conn *c = &conns[fd];
	uint8_t *data = c->own ? c->own->data : shared->data;
	ssize_t n = recv(fd, data + c->len, capacity - c->len, 0);
	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		drop(fd);
		return;
	}
	uint32_t len = c->len + n, out = 0;
	int64_t end = whole_frames(data, len);
	if (end < 0) {
		drop(fd);
		return;
	}
	if (end > 0) {
		n = send(fd, data, end, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			drop(fd);
			return;
		}
		out = n < 0 ? 0 : n;
	}
	if (out < end)
		rewatch(ep, fd, 1); /* reads again when the answers are out */
	if (out < len || c->own)
		keep(c, data, out, end, len);
}

/* on_writable goes on with answers the peer did not take at once. */
static void on_writable(int fd)
{
	struct conn *c = &conns[fd];
	ssize_t n = send(fd, c->own->data + c->out, c->end - c->out, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			drop(fd);
		return;
	}
	c->out += n;
	if (c->out == c->end) {
		rewatch(ep, fd, 0);
		keep(c, c->own->data, c->out, c->end, c->len);
	}
}

int main(int argc, char **argv)
{
	static struct epoll_event events[MAX_EVENTS];
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), SOCK_NONBLOCK);

	max_payload = strtoul(option(argc, argv, "-max", "1048576"), NULL, 10);
	capacity = 4 + max_payload > READ_SIZE ? 4 + max_payload : READ_SIZE;
	conns = table(MAX_FDS, sizeof *conns);
	shared = get_buffer();
	ep = epoll_create1(EPOLL_CLOEXEC);
	watch(ep, listener);
	for (;;) {
		int n = epoll_wait(ep, events, MAX_EVENTS, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == listener)
				accept_all(ep, listener);
			else if (conns[fd].out < conns[fd].end)
				on_writable(fd);
			else
				on_readable(fd);
		}
	}
}
