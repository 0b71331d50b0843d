/*
 * load_conns.c - connections that come and go: CONNS of them are under way at a time, each of which connects, sends one frame
 * (4-byte length, SIZE bytes, which raw echo servers answer with the same bytes, too), compares the answer, and closes.
 *
 *   connect ──► send, receive ──► RST                        (-close rst)
 *                             └─► FIN, wait for the server's  (-close fin)
 *
 * A reset leaves no socket in TIME_WAIT, so ports do not run out; the server's close is then not waited for. With FIN the ports
 * stay taken: on loopback Linux gives them again after a second (tcp_tw_reuse), and SOURCES addresses have that many times
 * as many ports. A connection that finds no port is an error, and ends the program.
 *
 * A message of the figures is a connection, its latency is from connect to the last byte of the answer, or to the server's FIN. The
 * run is over after SECONDS, or after COUNT connections if that is sooner.
 */
#include "load.h"

struct conn {
	int fd, ending;   /* ending: our FIN is sent */
	uint32_t sent, got;
	uint64_t begun;
};

static const struct options *opt;
static struct conn *conns;
static uint8_t *frame, *back;
static uint32_t frame_size, source;
static uint64_t window_msgs, total_msgs;
static struct hist latency;
static int ep, draining, under_way;

static void interest(struct conn *c, int op, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = c};
	if (epoll_ctl(ep, op, c->fd, &ev) < 0)
		die("epoll_ctl");
}

/* begin connects without waiting, from the next address. */
static void begin(struct conn *c)
{
	int one = 1;
	struct sockaddr_in sa = {.sin_family = AF_INET};

	memset(c, 0, sizeof *c);
	c->begun = now_ns();
	if ((c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		die("socket");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + source++ % opt->sources);
	if (bind(c->fd, (struct sockaddr *)&sa, sizeof sa) < 0)
		die("bind");
	sa.sin_port = htons(opt->port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(c->fd, (struct sockaddr *)&sa, sizeof sa) < 0 && errno != EINPROGRESS)
		die("connect");
	interest(c, EPOLL_CTL_ADD, EPOLLOUT);
	under_way++;
}

/* end closes, and begins anew. */
static void end(struct conn *c)
{
	struct linger reset = {.l_onoff = 1};

	hist_add(&latency, now_ns() - c->begun, 1);
	window_msgs++;
	total_msgs++;
	if (!opt->graceful)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(c->fd);
	c->fd = -1;
	under_way--;
	if (!draining)
		begin(c);
}

static void on_writable(struct conn *c)
{
	int error = 0;
	socklen_t len = sizeof error;
	if (c->sent == 0 && getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error) {
		errno = error;
		die("connect");
	}
	ssize_t n = send(c->fd, frame + c->sent, frame_size - c->sent, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("send");
	c->sent += n > 0 ? n : 0;
	if (c->sent == frame_size)
		interest(c, EPOLL_CTL_MOD, EPOLLIN);
}

static void on_readable(struct conn *c)
{
	ssize_t n = recv(c->fd, back, frame_size - c->got + 1, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n == 0 && c->ending) {
		end(c);
		return;
	}
	errno = n < 0 ? errno : 0;
	if (n <= 0)
		die("connection closed by the server");
	if (n > frame_size - c->got)
		die("more bytes came back than were sent");
	if (memcmp(back, frame + c->got, n))
		die("the echo differs");
	c->got += n;
	if (c->got < frame_size)
		return;
	if (!opt->graceful) {
		end(c);
		return;
	}
	c->ending = 1;
	shutdown(c->fd, SHUT_WR);
}

static void turn(int timeout_ms)
{
	static struct epoll_event events[256];
	int n = epoll_wait(ep, events, 256, timeout_ms);
	for (int i = 0; i < n; i++) {
		struct conn *c = events[i].data.ptr;
		if (c->sent < frame_size)
			on_writable(c);
		else
			on_readable(c);
	}
}

/* run_until goes on until the time has come, or so many connections are done (0 = any number). */
static void run_until(uint64_t when, uint64_t count)
{
	for (uint64_t now = now_ns(); now < when && (!count || window_msgs < count); now = now_ns())
		turn((when - now) / 1000000 + 1);
}

static void start_all(void)
{
	uint32_t length = htonl(opt->size);

	frame_size = 4 + opt->size;
	frame = malloc(frame_size);
	back = malloc(frame_size + 1);
	memcpy(frame, &length, 4);
	for (int i = 0; i < opt->size; i++)
		frame[4 + i] = (i * 31 + (i >> 8)) * 0x9E3779B1u >> 24;
	ep = epoll_create1(EPOLL_CLOEXEC);
	conns = calloc(opt->conns, sizeof *conns);
	for (int i = 0; i < opt->conns; i++)
		begin(&conns[i]);
}

void run_conns(const struct options *o)
{
	opt = o;
	errno = 0;
	if (o->conns < 1 || o->sources < 1 || o->sources > 100000 || o->size < 0 || o->size > 1 << 20 || o->count < 0)
		die("-c, -s, -sources or -k out of range");
	start_all();
	run_until(now_ns() + o->warm * 1e9, 0);

	memset(&latency, 0, sizeof latency);
	window_msgs = 0;
	struct cpu cpu = cpu_of(o->pid);
	uint64_t own = own_cpu_ns(), start = now_ns();
	run_until(start + o->time * 1e9, o->count);
	double seconds = (now_ns() - start) / 1e9;
	struct window w = {window_msgs, total_msgs, seconds, cpu_since(cpu, o->pid), own_cpu_ns() - own};
	struct hist measured = latency;
	draining = 1; /* the others get their answers, too */
	for (uint64_t late = now_ns() + 10 * 1000000000ull; under_way > 0 && now_ns() < late;)
		turn(100);
	errno = 0;
	if (under_way)
		die("answers are missing");
	report(&w, &measured);
}
