/*
 * websocket.c - the floor for WebSocket: a single-threaded, level-triggered
 * epoll loop that echoes messages, or sends each to all connections.
 *
 *   websocket [-p PORT] [-mode ws|broadcast] [-max BYTES]
 *
 * An answer is not longer than its request, so echoes are made in place in the
 * receive buffer: the payload moves to its place and loses its mask on the
 * way, and all answers to a read leave in one write. Fragmented messages are
 * not put together, and text is not checked; closes and pings are answered.
 *
 * All connections share one receive buffer. A connection has a buffer of its
 * own only while it has something to keep.
 */
#include "server.h"
#include "sha1.h"

/* What must be kept between events: own[out..end) waits to be written,
 * own[end..len) is the start of a frame. */
struct conn {
	uint8_t *own;
	uint32_t out, end, len;
	uint32_t place; /* in members, plus one; 0 before the handshake */
};

static uint32_t max_payload, capacity;
static uint8_t *shared, *cast; /* the receive buffer; a broadcast */
static struct conn *conns;
static int *members, member_count;
static int ep, broadcasting;

static void drop(int fd)
{
	struct conn *c = &conns[fd];
	if (c->place) {
		int last = members[--member_count];
		members[c->place - 1] = last;
		conns[last].place = c->place;
	}
	free(c->own);
	memset(c, 0, sizeof *c);
	close(fd);
}

/* keep stores data[out..len), of which data[out..end) is to be written. */
static void keep(struct conn *c, uint8_t *data, uint32_t out, uint32_t end, uint32_t len)
{
	if (out == len) {
		free(c->own);
		c->own = NULL;
		c->out = c->end = c->len = 0;
		return;
	}
	if (!c->own && !(c->own = malloc(capacity)))
		die("malloc");
	memmove(c->own, data + out, len - out);
	c->out = 0;
	c->end = end - out;
	c->len = len - out;
}

/* upgrade answers a handshake in place; it returns the size of the answer, 0
 * if there is more to come, or -1. */
static int upgrade(uint8_t *p, uint32_t len, uint32_t *used)
{
	static const char name[] = "\r\nSec-WebSocket-Key:";
	char accept[32];
	uint8_t *end = memmem(p, len, "\r\n\r\n", 4);
	if (!end)
		return len < 8192 ? 0 : -1;
	*end = 0;
	char *key = strcasestr((char *)p, name);
	if (!key || memcmp(p, "GET ", 4))
		return -1;
	key += sizeof name - 1;
	key += strspn(key, " ");
	websocket_accept(key, strcspn(key, " \r"), accept);
	*used = end + 4 - p;
	int n = snprintf((char *)p, *used, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
	return n < (int)*used ? n : -1; /* a request has more to say than this answer */
}

/* tell sends a frame to all. A member that does not take it is dropped: the
 * floor has no queue for slow ones. */
static void tell(const uint8_t *frame, size_t n)
{
	for (int i = member_count - 1; i >= 0; i--)
		if (send(members[i], frame, n, MSG_NOSIGNAL) != (ssize_t)n)
			shutdown(members[i], SHUT_RDWR);
}

static void unmask(uint8_t *to, const uint8_t *from, uint32_t n, const uint8_t *mask)
{
	uint32_t key, i = 0;
	memcpy(&key, mask, 4);
	uint64_t wide = (uint64_t)key << 32 | key, word;
	for (; i + 8 <= n; i += 8) {
		memcpy(&word, from + i, 8);
		word ^= wide;
		memcpy(to + i, &word, 8);
	}
	for (; i < n; i++)
		to[i] = from[i] ^ (uint8_t)(key >> 8 * (i % 4));
}

/* frames takes the whole frames of p[at..len) and writes the answers to
 * p[end..). It returns where the next frame begins, or -1. */
static int64_t frames(uint8_t *p, uint32_t at, uint32_t len, uint32_t *end)
{
	while (len - at >= 6) {
		uint32_t head = 2, size = p[at + 1] & 127, kind = p[at] & 15;
		uint8_t mask[4], first = p[at];
		if (!(p[at + 1] & 128) || first & 0x70 || size == 127)
			return -1;
		if (size == 126) {
			size = p[at + 2] << 8 | p[at + 3];
			head = 4;
		}
		if (size > max_payload)
			return -1;
		if (len - at < head + 4 + size)
			break;
		if (kind == 9)
			first = 0x8a; /* a ping is answered by a pong */
		memcpy(mask, p + at + head, 4);
		uint8_t *to = kind < 3 && broadcasting ? cast : p + *end;
		uint8_t *from = p + at + head + 4;
		to[0] = first;
		to[1] = head == 2 ? size : 126;
		if (head == 4) {
			to[2] = size >> 8;
			to[3] = size;
		}
		unmask(to + head, from, size, mask);
		at += head + 4 + size;
		if (to == cast)
			tell(cast, head + size);
		else if (kind != 10)
			*end += head + size;
	}
	return at;
}

/* on_readable does one read, answers it in one write and keeps the rest. */
static void on_readable(int fd)
{
	struct conn *c = &conns[fd];
	uint8_t *data = c->own ? c->own : shared;
	ssize_t n = recv(fd, data + c->len, capacity - c->len, 0);
	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			drop(fd);
		return;
	}
	uint32_t len = c->len + n, end = 0, used = 0, out = 0;
	if (!c->place) {
		int reply = upgrade(data, len, &used);
		if (reply < 0) {
			drop(fd);
			return;
		}
		if (reply > 0) {
			members[member_count] = fd;
			c->place = ++member_count;
		}
		end = reply;
	}
	if (c->place) {
		int64_t next = frames(data, used, len, &end);
		if (next < 0) {
			drop(fd);
			return;
		}
		used = next;
	}
	if (end > 0) {
		n = send(fd, data, end, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			drop(fd);
			return;
		}
		out = n < 0 ? 0 : n;
	}
	memmove(data + end, data + used, len - used);
	len = end + len - used;
	if (out < end)
		rewatch(ep, fd, 1); /* reads again when the answers are out */
	if (out < len || c->own)
		keep(c, data, out, end, len);
}

/* on_writable goes on with answers the peer did not take at once. */
static void on_writable(int fd)
{
	struct conn *c = &conns[fd];
	ssize_t n = send(fd, c->own + c->out, c->end - c->out, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			drop(fd);
		return;
	}
	c->out += n;
	if (c->out == c->end) {
		rewatch(ep, fd, 0);
		keep(c, c->own, c->out, c->end, c->len);
	}
}

int main(int argc, char **argv)
{
	static struct epoll_event events[MAX_EVENTS];
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), SOCK_NONBLOCK);

	broadcasting = !strcmp(option(argc, argv, "-mode", "ws"), "broadcast");
	max_payload = strtoul(option(argc, argv, "-max", "65535"), NULL, 10);
	capacity = 8 + max_payload > READ_SIZE ? 8 + max_payload : READ_SIZE;
	conns = table(MAX_FDS, sizeof *conns);
	members = table(MAX_FDS, sizeof *members);
	shared = malloc(capacity);
	cast = malloc(capacity);
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
