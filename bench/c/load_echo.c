/*
 * load_echo.c - a closed loop over raw epoll: each connection keeps DEPTH
 * messages outstanding and sends a new one for every answer.
 *
 * A message is SIZE bytes in raw mode, and a 4-byte big-endian length and SIZE
 * bytes in frame mode. The same bytes must come back, so answers are counted
 * by their bytes. Without -verify they are dropped in the kernel
 * (recv(MSG_TRUNC)), which spares the client a copy.
 *
 * With -verify each byte is a function of its connection, message and place,
 * and every byte that comes back is compared. Sends are then cut at random
 * places, so that frames and headers arrive in pieces.
 */
#include "load.h"

enum { CHUNK = 256 << 10 };

struct conn {
	int fd, blocked;       /* blocked: waits for room to send */
	uint64_t sent, got;    /* bytes so far, both ways */
	uint64_t allowed;      /* bytes that may have been sent by now */
	uint64_t answered;     /* whole messages that came back */
	uint64_t *asked_at;    /* when each outstanding message was let go */
};

static const struct options *opt;
static struct conn *conns;
static uint8_t *messages; /* DEPTH + 1 identical messages, back to back */
static uint8_t chunk[CHUNK], expected[CHUNK];
static uint64_t message_size, window_msgs, total_msgs;
static struct hist latency;
static int ep;

/* pattern writes n bytes of connection id's stream from position at. */
static void pattern(uint8_t *to, uint64_t n, int id, uint64_t at)
{
	uint64_t head = message_size - opt->size; /* 4 in frame mode, 0 in raw */
	for (uint64_t i = 0; i < n; i++, at++) {
		uint64_t seq = at / message_size, off = at % message_size;
		if (off < head)
			to[i] = (uint32_t)opt->size >> (24 - 8 * off);
		else
			to[i] = (id * 131 + seq * 31 + off * 7 + (seq >> 8) + (off >> 8)) * 0x9E3779B1u >> 24;
	}
}

static void interest(struct conn *c, int op, int blocked)
{
	struct epoll_event ev = {.events = blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
	c->blocked = blocked;
	if (epoll_ctl(ep, op, c->fd, &ev) < 0)
		die("epoll_ctl");
}

/* pump sends what is allowed, or until the socket is full. */
static void pump(struct conn *c)
{
	while (c->sent < c->allowed) {
		uint64_t n = c->allowed - c->sent;
		const uint8_t *from = messages + c->sent % message_size;
		if (opt->verify) {
			uint64_t cut = 1 + random() % (2 * message_size);
			n = n < cut ? n : cut;
			n = n < CHUNK ? n : CHUNK;
			pattern(chunk, n, c - conns, c->sent);
			from = chunk;
		}
		ssize_t w = send(c->fd, from, n, MSG_NOSIGNAL);
		if (w < 0) {
			if (errno != EAGAIN)
				die("send");
			if (!c->blocked)
				interest(c, EPOLL_CTL_MOD, 1);
			return;
		}
		c->sent += w;
	}
	if (c->blocked)
		interest(c, EPOLL_CTL_MOD, 0);
}

/* allow lets n more messages go. */
static void allow(struct conn *c, uint64_t n, uint64_t now)
{
	uint64_t seq = c->allowed / message_size;
	for (uint64_t i = 0; i < n; i++)
		c->asked_at[(seq + i) % opt->depth] = now;
	c->allowed += n * message_size;
}

/* on_readable takes answers, records how long they took and asks anew. */
static void on_readable(struct conn *c)
{
	ssize_t n = recv(c->fd, chunk, CHUNK, opt->verify ? 0 : MSG_TRUNC);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		errno = n ? errno : 0;
		die("connection closed by the server");
	}
	if (c->got + n > c->sent) {
		errno = 0;
		die("more bytes came back than were sent");
	}
	if (opt->verify) {
		pattern(expected, n, c - conns, c->got);
		if (memcmp(chunk, expected, n) != 0) {
			fprintf(stderr, "load: connection %d: wrong bytes in %llu..%llu\n", (int)(c - conns),
				(unsigned long long)c->got, (unsigned long long)(c->got + n));
			exit(1);
		}
	}
	c->got += n;
	uint64_t now = now_ns(), whole = c->got / message_size, first = c->answered;
	for (; c->answered < whole; c->answered++)
		hist_add(&latency, now - c->asked_at[c->answered % opt->depth], 1);
	window_msgs += whole - first;
	total_msgs += whole - first;
	allow(c, whole - first, now);
	pump(c);
}

static void turn(int timeout_ms)
{
	static struct epoll_event events[256];
	int n = epoll_wait(ep, events, 256, timeout_ms);
	for (int i = 0; i < n; i++) {
		struct conn *c = events[i].data.ptr;
		if (events[i].events & EPOLLOUT)
			pump(c);
		if (events[i].events & ~EPOLLOUT)
			on_readable(c);
	}
}

/* run_until goes on until the time has come, or so many messages came back since it was measured (0 = any number). */
static void run_until(uint64_t end, uint64_t count)
{
	for (uint64_t now; (now = now_ns()) < end && (!count || window_msgs < count);)
		turn((end - now) / 1000000 + 1);
}

static void connect_all(void)
{
	ep = epoll_create1(EPOLL_CLOEXEC);
	conns = calloc(opt->conns, sizeof *conns);
	for (int i = 0; i < opt->conns; i++) {
		struct conn *c = &conns[i];
		c->fd = connect_to(opt->port, 0);
		c->asked_at = calloc(opt->depth, sizeof *c->asked_at);
		fcntl(c->fd, F_SETFL, O_NONBLOCK);
		interest(c, EPOLL_CTL_ADD, 0);
	}
}

void run_echo(const struct options *o)
{
	opt = o;
	message_size = o->size + (strcmp(o->mode, "frame") ? 0 : 4);
	if (message_size == 0 || o->depth < 1) {
		errno = 0;
		die("empty messages cannot be counted");
	}
	messages = malloc((o->depth + 1) * message_size);
	for (int i = 0; i <= o->depth; i++)
		pattern(messages + i * message_size, message_size, 0, 0);

	connect_all();
	for (int i = 0; i < o->conns; i++) {
		allow(&conns[i], o->depth, now_ns());
		pump(&conns[i]);
	}
	run_until(now_ns() + o->warm * 1e9, 0);

	memset(&latency, 0, sizeof latency);
	window_msgs = 0;
	struct cpu cpu = cpu_of(o->pid);
	uint64_t own = own_cpu_ns(), start = now_ns();
	run_until(start + o->time * 1e9, o->count);
	uint64_t end = now_ns();
	cpu = cpu_since(cpu, o->pid);
	struct window w = {window_msgs, total_msgs, (end - start) / 1e9, cpu, own_cpu_ns() - own};
	report(&w, &latency);
}
