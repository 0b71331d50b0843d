/*
 * load_fan.c - broadcasts: the first of many connections sends a message, and
 * the server sends it to all of them. They are WebSockets (-m fan), or speak
 * plain frames of a 4-byte length and SIZE bytes (-m framefan).
 *
 * When all are connected a line is printed. Each line `COUNT` on stdin then
 * makes so many broadcasts, one after the other, each begun when everybody has
 * the one before, and prints a line of figures, in which a message is one
 * delivery. The first broadcast of a line is compared byte by byte and is not
 * counted; of the others bytes are counted and dropped in the kernel, and
 * everybody must have got exactly his.
 */
#include "load_web.h"

enum { MAX_ANSWER = 4 + 65535 };

struct member {
	int fd;
	uint32_t missing; /* bytes of this broadcast that are still to come */
};

static const struct options *opt;
static int plain; /* frames */
static struct member *members;
static uint8_t *frame, expected[MAX_ANSWER], got[MAX_ANSWER];
static uint64_t frame_size;
static uint32_t answer_size;
static struct hist latency;
static int ep;

static void join_all(void)
{
	struct linger reset = {.l_onoff = 1};
	ep = epoll_create1(EPOLL_CLOEXEC);
	members = calloc(opt->conns, sizeof *members);
	for (int i = 0; i < opt->conns; i++) {
		struct member *m = &members[i];
		struct epoll_event ev = {.events = EPOLLIN, .data.ptr = m};
		m->fd = connect_to(opt->port, INADDR_LOOPBACK + 1 + i % opt->sources);
		if (!plain)
			ws_handshake(m->fd, opt->port);
		/* end by a reset: no thousands of sockets in TIME_WAIT */
		setsockopt(m->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		fcntl(m->fd, F_SETFL, O_NONBLOCK);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, m->fd, &ev) < 0)
			die("epoll_ctl");
	}
}

/* take reads what has come for one member; 1 if that was all. */
static int take(struct member *m, int compare, uint64_t asked)
{
	ssize_t n = recv(m->fd, got, m->missing + 1, compare ? 0 : MSG_TRUNC);
	if (n < 0 && errno == EAGAIN)
		return 0;
	errno = n < 0 ? errno : 0;
	if (n <= 0)
		die("connection closed by the server");
	if (n > m->missing)
		die("more bytes came than should have");
	if (compare && memcmp(got, expected + answer_size - m->missing, n))
		die("a broadcast is not what was sent");
	m->missing -= n;
	if (m->missing)
		return 0;
	hist_add(&latency, now_ns() - asked, 1);
	return 1;
}

/* broadcast sends one message and waits until all have it. */
static void broadcast(int compare)
{
	static struct epoll_event events[256];
	uint64_t asked = now_ns();

	for (int i = 0; i < opt->conns; i++)
		members[i].missing = answer_size;
	if (send(members[0].fd, frame, frame_size, MSG_NOSIGNAL) != (ssize_t)frame_size)
		die("send");
	for (int left = opt->conns; left > 0;) {
		int n = epoll_wait(ep, events, 256, 10000);
		errno = 0;
		if (n == 0)
			die("a broadcast does not reach everybody");
		for (int i = 0; i < n; i++)
			left -= take(events[i].data.ptr, compare, asked);
	}
}

/* gather takes all that comes until everybody has got something, or nothing has come for some time. It returns how many have got
 * nothing. */
static int gather(int ms, int everything)
{
	static struct epoll_event events[256];
	int left = opt->conns;

	for (int i = 0; i < opt->conns; i++)
		left -= !members[i].missing;
	for (int n; (left > 0 || everything) && (n = epoll_wait(ep, events, 256, ms)) > 0;)
		for (int i = 0; i < n; i++) {
			struct member *m = events[i].data.ptr;
			ssize_t size = recv(m->fd, got, sizeof got, MSG_TRUNC);
			errno = size < 0 ? errno : 0;
			if (size == 0 || (size < 0 && errno != EAGAIN))
				die("connection closed by the server");
			if (size <= 0 || !m->missing)
				continue;
			m->missing -= size < m->missing ? size : m->missing;
			left -= !m->missing;
		}
	return left;
}

/* settle sends frames until everybody gets them: a server need not have accepted all who are connected. */
static void settle(void)
{
	usleep(20000);
	for (int tries = 0; tries < 50; tries++) {
		for (int i = 0; i < opt->conns; i++)
			members[i].missing = answer_size;
		if (send(members[0].fd, frame, frame_size, MSG_NOSIGNAL) != (ssize_t)frame_size)
			die("send");
		if (!gather(200, tries > 0)) /* of the first one nobody gets more than one */
			return;
	}
	errno = 0;
	die("the server does not make members of all");
}

/* plain_frame writes a frame, no two bytes of which are the same for long. */
static void plain_frame(void)
{
	uint32_t length = htonl(opt->size);
	answer_size = frame_size = 4 + opt->size;
	memcpy(frame, &length, 4);
	for (int i = 0; i < opt->size; i++)
		frame[4 + i] = (i * 31 + (i >> 8)) * 0x9E3779B1u >> 24;
	memcpy(expected, frame, frame_size);
}

/* expect writes what the members are to get. */
static void expect(void)
{
	int head = opt->size < 126 ? 2 : 4;
	const uint8_t *mask = frame + head;

	answer_size = head + opt->size;
	memcpy(expected, frame, head);
	expected[1] &= 127;
	for (int i = 0; i < opt->size; i++)
		expected[head + i] = mask[4 + i] ^ mask[i % 4];
}

void run_fan(const struct options *o)
{
	char line[32];

	opt = o;
	plain = !strcmp(o->mode, "framefan");
	errno = 0;
	if (o->conns < 1 || o->sources < 1 || o->size < 0 || 4 + o->size > MAX_ANSWER)
		die("-c, -s or -sources out of range");
	frame = malloc(ws_frame_size(o->size));
	if (plain) {
		plain_frame();
	} else {
		frame_size = ws_frame(frame, o->size);
		expect();
	}
	uint64_t begin = now_ns();
	join_all();
	if (plain)
		settle();
	else
		usleep(100000); /* for the server to make members of those whom it has just answered */
	printf("{\"conns\":%d,\"seconds\":%.3f}\n", o->conns, (now_ns() - begin) / 1e9);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		int count = atoi(line);
		broadcast(1);
		memset(&latency, 0, sizeof latency);
		struct cpu cpu = cpu_of(o->pid);
		uint64_t own = own_cpu_ns(), start = now_ns();
		for (int i = 0; i < count; i++)
			broadcast(0);
		double seconds = (now_ns() - start) / 1e9;
		uint64_t all = (uint64_t)count * o->conns;
		struct window w = {all, all + o->conns, seconds, cpu_since(cpu, o->pid), own_cpu_ns() - own};
		report(&w, &latency);
	}
}
