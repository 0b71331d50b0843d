/*
 * load_pairs.c - a closed loop of requests and answers whose sizes are known:
 * HTTP/1.1 GETs of one path, and WebSocket echo.
 *
 * Each connection sends DEPTH requests at once, waits until all are answered,
 * and sends them again, as wrk does with pipelining. The body is dropped in
 * the kernel (recv(MSG_TRUNC)) and answers are counted by their bytes. That is
 * sound because the first answer is looked at, each connection must end with
 * a whole answer, and the next answer must begin where it should.
 */
#include "load_web.h"

enum { PIECE = 1 << 20 };

struct conn {
	int fd;
	uint64_t missing; /* bytes of answers that are still to come */
	uint64_t asked;   /* when, in ns */
};

static const struct options *opt;
static struct conn *conns;
static uint8_t *batch, *one;          /* DEPTH requests; the first of them */
static uint64_t batch_size, one_size; /* their bytes */
static uint64_t answer_size, answers, total;
static uint8_t piece[PIECE];
static struct hist latency;
static int ep, draining, idle;

static void send_whole(int fd, const uint8_t *p, uint64_t n)
{
	ssize_t w = send(fd, p, n, MSG_NOSIGNAL);
	if (w >= 0)
		errno = 0;
	if (w != (ssize_t)n)
		die("requests do not fit into the socket"); /* all that was sent before has been answered */
}

static void ask(struct conn *c, uint64_t now)
{
	c->missing = opt->depth * answer_size;
	c->asked = now;
	send_whole(c->fd, batch, batch_size);
}

static void on_readable(struct conn *c)
{
	/* one byte more than is due, to see what does not belong here */
	uint64_t want = c->missing < PIECE ? c->missing + 1 : PIECE;
	ssize_t n = recv(c->fd, piece, want, MSG_TRUNC);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		errno = n ? errno : 0;
		die("connection closed by the server");
	}
	if ((uint64_t)n > c->missing) {
		errno = 0;
		die("more bytes came back than should have");
	}
	uint64_t now = now_ns(), before = (c->missing + answer_size - 1) / answer_size;
	c->missing -= n;
	uint64_t whole = before - (c->missing + answer_size - 1) / answer_size;
	hist_add(&latency, now - c->asked, whole);
	answers += whole;
	total += whole;
	if (c->missing)
		return;
	if (draining || (opt->count && answers >= (uint64_t)opt->count))
		idle++;
	else
		ask(c, now);
}

static void turn(int timeout_ms)
{
	static struct epoll_event events[256];
	int n = epoll_wait(ep, events, 256, timeout_ms);
	for (int i = 0; i < n; i++)
		on_readable(events[i].data.ptr);
}

/* run_until goes on until the time has come, or so many answers have. */
static void run_until(uint64_t end, uint64_t count)
{
	for (uint64_t now; (!count || answers < count) && (now = now_ns()) < end;)
		turn((end - now) / 1000000 + 1);
}

/* exchange makes one request, looks at the answer, and returns its size. */
static uint64_t exchange(int fd)
{
	send_whole(fd, one, one_size);
	if (strcmp(opt->mode, "http"))
		return ws_answer(fd, one, one_size);
	struct http_head h = http_answer(fd);
	errno = 0;
	if (h.status != 200 || h.length < 0)
		die("the answer is not a 200 with a Content-Length");
	for (int64_t left = h.length; left > 0;) {
		ssize_t n = recv(fd, piece, left < PIECE ? left : PIECE, MSG_TRUNC);
		if (n <= 0)
			die("the answer ends early");
		left -= n;
	}
	return h.size + h.length;
}

/* request writes one request and returns its size. */
static uint64_t request(uint8_t *to)
{
	if (!strcmp(opt->mode, "ws"))
		return ws_frame(to, opt->size);
	return sprintf((char *)to, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", opt->path, opt->port);
}

static void prepare(void)
{
	uint64_t most = strcmp(opt->mode, "ws") ? 64 + strlen(opt->path) : ws_frame_size(opt->size);
	batch = malloc(most * opt->depth);
	for (int i = 0; i < opt->depth; i++)
		batch_size += request(batch + batch_size);
	one = batch;
	one_size = batch_size / opt->depth;
}

static void connect_all(void)
{
	ep = epoll_create1(EPOLL_CLOEXEC);
	conns = calloc(opt->conns, sizeof *conns);
	for (int i = 0; i < opt->conns; i++) {
		struct conn *c = &conns[i];
		struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
		c->fd = connect_to(opt->port, 0);
		if (!strcmp(opt->mode, "ws"))
			ws_handshake(c->fd, opt->port);
		if (i == 0)
			answer_size = exchange(c->fd);
		fcntl(c->fd, F_SETFL, O_NONBLOCK);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev) < 0)
			die("epoll_ctl");
	}
}

/* finish lets all that was asked be answered, and looks at one more answer of
 * each connection: its size must be that of the first. */
static void finish(void)
{
	uint64_t end = now_ns() + 10 * 1000000000ull;
	for (draining = 1; idle < opt->conns && now_ns() < end;)
		turn(100);
	errno = 0;
	if (idle < opt->conns)
		die("answers are missing");
	for (int i = 0; i < opt->conns; i++) {
		fcntl(conns[i].fd, F_SETFL, 0);
		if (exchange(conns[i].fd) != answer_size)
			die("an answer has another size than the first");
	}
}

void run_pairs(const struct options *o)
{
	opt = o;
	if (o->depth < 1 || o->conns < 1)
		die("-d or -c out of range");
	prepare();
	connect_all();
	for (int i = 0; i < o->conns; i++)
		ask(&conns[i], now_ns());
	run_until(now_ns() + o->warm * 1e9, 0);

	memset(&latency, 0, sizeof latency);
	answers = 0;
	struct cpu cpu = cpu_of(o->pid);
	uint64_t own = own_cpu_ns(), start = now_ns();
	run_until(start + (o->count ? 60 : o->time) * 1e9, o->count);
	if (!answers) /* the time was too short: wait for one */
		run_until(now_ns() + 10 * 1000000000ull, 1);
	struct window w = {answers, total, (now_ns() - start) / 1e9, cpu_since(cpu, o->pid), own_cpu_ns() - own};
	struct hist measured = latency;
	finish();
	report(&w, &measured);
}
