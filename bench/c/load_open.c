/*
 * load_open.c - an open loop: messages are due at times that do not depend on the server, RATE in a second in all, each on a
 * connection picked at random, and their latency counts from when they were due.
 *
 * A closed loop asks less of a server that is slow, and so does not see what others would have waited (coordinated
 * omission). Here a message that could not be sent in time, because the socket was full or the generator itself was late,
 * has waited since it was due. "late" says how long the generator took to send: if it is not far below the
 * latencies, these are the generator's.
 *
 * Gaps are random (exponential, so arrivals are a Poisson process), or all the same with -gaps fixed. The generator
 * does not sleep: it has a CPU of its own.
 */
#include "load.h"
#include <math.h>

enum { CHUNK = 64 << 10, BACKLOG = 1 << 16 };

struct conn {
	int fd, blocked;
	uint64_t unsent;              /* bytes that are due */
	uint64_t got;                 /* bytes that came back */
	uint64_t asked, answered;     /* messages */
	uint64_t due[];               /* when each outstanding message was due, by number modulo BACKLOG */
};

static const struct options *opt;
static struct conn **conns;
static uint8_t *messages, chunk[CHUNK];
static uint64_t message_size, begin, end, done, outstanding, longest;
static struct hist latency, late;
static int ep;

static uint64_t random_bits(void)
{
	static uint64_t x = 88172645463325252ull; /* xorshift64 */
	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

/* gap returns the ns until the next message is due. */
static double gap(void)
{
	double mean = 1e9 / opt->rate;
	if (opt->fixed)
		return mean;
	return -log(((random_bits() >> 11) + 1) / 9007199254740993.0) * mean;
}

static void pump(struct conn *c)
{
	int blocked = 0;
	while (c->unsent > 0 && !blocked) {
		/* all messages are the same: what is left of one, and as many more as there are */
		uint64_t cut = c->unsent % message_size, at = cut ? message_size - cut : 0;
		uint64_t most = (opt->depth + 1) * message_size - at;
		ssize_t n = send(c->fd, messages + at, c->unsent < most ? c->unsent : most, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			die("send");
		blocked = n < 0;
		c->unsent -= n < 0 ? 0 : n;
	}
	if (blocked != c->blocked) {
		struct epoll_event ev = {.events = blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
		c->blocked = blocked;
		if (epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev) < 0)
			die("epoll_ctl");
	}
}

static void ask(uint64_t due, uint64_t now)
{
	struct conn *c = conns[random_bits() % opt->conns];
	if (c->asked - c->answered == BACKLOG) {
		errno = 0;
		die("the server does not keep up");
	}
	c->due[c->asked++ % BACKLOG] = due;
	c->unsent += message_size;
	outstanding++;
	if (!c->blocked)
		pump(c);
	if (due >= begin)
		hist_add(&late, now - due, 1);
}

static void on_readable(struct conn *c)
{
	ssize_t n = recv(c->fd, chunk, CHUNK, MSG_TRUNC);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		errno = n ? errno : 0;
		die("connection closed by the server");
	}
	c->got += n;
	if (c->got > c->asked * message_size - c->unsent) {
		errno = 0;
		die("more bytes came back than were sent");
	}
	uint64_t now = now_ns();
	for (; c->answered < c->got / message_size; c->answered++, outstanding--) {
		uint64_t due = c->due[c->answered % BACKLOG];
		if (due < begin)
			continue;
		hist_add(&latency, now - due, 1);
		longest = now - due > longest ? now - due : longest;
		done += now < end;
	}
}

static void turn(void)
{
	static struct epoll_event events[256];
	int n = epoll_wait(ep, events, 256, 0);
	for (int i = 0; i < n; i++) {
		struct conn *c = events[i].data.ptr;
		if (events[i].events & EPOLLOUT)
			pump(c);
		if (events[i].events & ~EPOLLOUT)
			on_readable(c);
	}
}

/* step asks for what is due, a few at a time, so that answers do not wait for a generator that catches up, takes what is
 * there, and returns when the next message is due. */
static double step(double due, uint64_t now)
{
	for (int n = 0; n < 16 && due <= now; n++, due += gap())
		ask(due, now_ns());
	turn();
	return due;
}

static double run_until(double due, uint64_t until)
{
	for (uint64_t now; (now = now_ns()) < until;)
		due = step(due, now);
	return due;
}

static void connect_all(void)
{
	ep = epoll_create1(EPOLL_CLOEXEC);
	conns = calloc(opt->conns, sizeof *conns);
	for (int i = 0; i < opt->conns; i++) {
		struct conn *c = conns[i] = calloc(1, sizeof *c + BACKLOG * sizeof *c->due);
		struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
		c->fd = connect_to(opt->port, 0);
		fcntl(c->fd, F_SETFL, O_NONBLOCK);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev) < 0)
			die("epoll_ctl");
	}
}

void run_open(const struct options *o)
{
	opt = o;
	message_size = o->size + (strcmp(o->mode, "frame") ? 0 : 4);
	if (message_size == 0 || o->depth < 1 || o->conns < 1) {
		errno = 0;
		die("empty messages cannot be counted");
	}
	messages = calloc(o->depth + 1, message_size);
	if (message_size > (uint64_t)o->size)
		for (int i = 0; i <= o->depth; i++) {
			uint32_t head = htonl(o->size);
			memcpy(messages + i * message_size, &head, 4);
		}
	connect_all();
	uint64_t start = now_ns();
	begin = start + o->warm * 1e9;
	end = begin + o->time * 1e9;
	double due = run_until(start, begin);
	struct cpu cpu = cpu_of(o->pid);
	uint64_t from = now_ns();
	due = run_until(due, end);
	cpu = cpu_since(cpu, o->pid);
	double seconds = (now_ns() - from) / 1e9;
	while ((due < end || outstanding > 0) && now_ns() < end + 2000000000ull) /* what is late counts, too */
		due = step(due, due < end ? end - 1 : 0);
	if (due < end || outstanding > 0) {
		errno = 0;
		die(due < end ? "so many messages cannot be sent" : "not every message was answered within two seconds");
	}
	printf("{\"msgs\":%llu,\"seconds\":%.6f,\"cpu_ns_per_msg\":%.1f,\"busy_core\":%.3f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
	       "\"p999_us\":%.1f,\"max_us\":%.1f,\"late_p50_us\":%.1f,\"late_p99_us\":%.1f}\n",
	       (unsigned long long)done, seconds, cpu.ns / (double)(done ? done : 1), cpu.ns / (seconds * 1e9),
	       hist_us(&latency, .5), hist_us(&latency, .99), hist_us(&latency, .999), longest / 1e3,
	       hist_us(&late, .5), hist_us(&late, .99));
	fflush(stdout);
}
