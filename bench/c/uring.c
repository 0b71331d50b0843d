/*
 * uring.c - the floor on io_uring, for framed and for raw echo: one thread, multishot accept, a multishot receive for each
 * connection into a ring of provided buffers, and one gathered send for each connection and pass.
 *
 *   uring [-p PORT] [-mode frame|raw] [-max BYTES] [-buffers incremental|plain] [-size BYTES] [-count N]
 *
 * As in frames.c the answer is the request, so what is sent lies where it was received, and nothing is copied:
 *
 *   wait ── completions ──► pieces of each connection ── end of the pass ──► one SEND or SENDMSG of its whole frames
 *
 * The first try to send does not wait (MSG_DONTWAIT), so it is over, and its buffers are back, by the next pass, whatever the
 * peer does. What a peer does not take is copied aside and sent as it takes it; until that is done nothing more is received
 * from it. So a slow peer holds its own memory and none of the ring's. The start of a frame whose rest has not come by
 * the end of a pass is copied aside too.
 */
#include "uring_burst.h"

enum { SQ = 1024, CQ = 8192 };
enum { ACCEPT = 1, RECEIVE, SEND, REST, CANCEL }; /* what a completion is of */

struct conn {
	struct burst *got, *sent;       /* being received, being sent */
	struct bytes *begun;            /* the start of a frame */
	struct bytes *sending, *waiting; /* what the peer did not take */
	struct place at;                /* in the stream of frames */
	uint32_t ops;                   /* requests that will still complete */
	uint8_t armed, paused, ended, broken, dirty, starved;
};

static struct ring ring;
static struct conn *conns;
static int *dirty, *starved, dirty_count, starved_count; /* descriptors to look at when the pass ends */
static int listener, accepting, framed;
static uint32_t max_payload;

static uint64_t tag(int what, int fd)
{
	return (uint64_t)what << 32 | (uint32_t)fd;
}

static void mark(int fd)
{
	if (!conns[fd].dirty) {
		conns[fd].dirty = 1;
		dirty[dirty_count++] = fd;
	}
}

static void arm_accept(void)
{
	struct io_uring_sqe *e = ring_sqe(&ring, IORING_OP_ACCEPT, listener, tag(ACCEPT, listener));
	e->ioprio = IORING_ACCEPT_MULTISHOT;
	e->accept_flags = SOCK_CLOEXEC; /* blocking: otherwise a request that would have to wait fails */
	accepting = 1;
}

static void arm_receive(int fd)
{
	struct io_uring_sqe *e = ring_sqe(&ring, IORING_OP_RECV, fd, tag(RECEIVE, fd));
	e->ioprio = IORING_RECV_MULTISHOT;
	e->flags = IOSQE_BUFFER_SELECT;
	conns[fd].armed = 1;
	conns[fd].ops++;
}

static void cancel(int fd, int what)
{
	struct io_uring_sqe *e = ring_sqe(&ring, IORING_OP_ASYNC_CANCEL, -1, tag(CANCEL, fd));
	e->addr = tag(what, fd);
	conns[fd].ops++;
}

/* settle closes a connection that is done for, once the kernel holds nothing of it. */
static void settle(int fd)
{
	struct conn *c = &conns[fd];
	if (c->broken ? c->ops : !c->ended || c->ops || c->got || c->sent || c->sending || c->waiting)
		return;
	put_burst(c->got);
	put_burst(c->sent);
	free(c->begun);
	free(c->sending);
	free(c->waiting);
	uint8_t listed = c->dirty, hungry = c->starved; /* as a stranger that comes to nothing */
	memset(c, 0, sizeof *c);
	c->dirty = listed;
	c->starved = hungry;
	close(fd);
	if (!accepting)
		arm_accept();
}

/* fail gives a connection up. */
static void fail(int fd)
{
	struct conn *c = &conns[fd];
	if (c->broken)
		return;
	c->broken = 1;
	if (c->armed)
		cancel(fd, RECEIVE);
	if (c->sending)
		cancel(fd, REST);
	mark(fd);
}

/* send_rest goes on with what the peer did not take. It waits for the peer. */
static void send_rest(int fd)
{
	struct conn *c = &conns[fd];
	if (!c->sending) {
		c->sending = c->waiting;
		c->waiting = NULL;
	}
	struct io_uring_sqe *e = ring_sqe(&ring, IORING_OP_SEND, fd, tag(REST, fd));
	e->addr = (uintptr_t)(c->sending->data + c->sending->out);
	e->len = c->sending->len - c->sending->out;
	e->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
	c->ops++;
}

/* put_aside copies what is left of a burst behind the first `from` bytes, and stops receiving. */
static void put_aside(int fd, struct burst *b, uint64_t from)
{
	struct conn *c = &conns[fd];
	uint64_t at = 0;
	for (uint32_t i = 0; i < b->n && at < b->whole; i++) {
		uint64_t n = b->iov[i].iov_len, skip = from > at ? from - at : 0;
		uint64_t end = n < b->whole - at ? n : b->whole - at;
		if (skip < end)
			append(&c->waiting, (uint8_t *)b->iov[i].iov_base + skip, end - skip);
		at += n;
	}
	if (!c->paused && c->armed)
		cancel(fd, RECEIVE);
	c->paused = 1;
	if (!c->sending && c->waiting)
		send_rest(fd);
}

/* flush sends the whole frames that a pass has brought. */
static void flush(int fd)
{
	struct conn *c = &conns[fd];
	struct burst *b = c->got;
	if (!b || c->sent || c->broken)
		return;
	c->got = NULL;
	if (b->total > b->whole)
		keep_begun(&c->begun, b);
	if (b->n == 0 || c->sending || c->waiting) {
		if (b->n)
			put_aside(fd, b, 0);
		put_burst(b);
		return;
	}
	struct io_uring_sqe *e;
	if (b->n == 1) {
		e = ring_sqe(&ring, IORING_OP_SEND, fd, tag(SEND, fd));
		e->addr = (uintptr_t)b->iov[0].iov_base;
		e->len = b->iov[0].iov_len;
	} else {
		e = ring_sqe(&ring, IORING_OP_SENDMSG, fd, tag(SEND, fd));
		b->msg = (struct msghdr){.msg_iov = b->iov, .msg_iovlen = b->n};
		e->addr = (uintptr_t)&b->msg;
		e->len = 1;
	}
	e->msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT;
	c->sent = b;
	c->ops++;
}

/* received takes n bytes in a buffer. */
static void received(int fd, uint32_t id, uint32_t n)
{
	struct conn *c = &conns[fd];
	uint8_t *p = buffers.memory + (size_t)id * buffers.size + buffers.used[id];
	int64_t whole = framed ? whole_frames(&c->at, p, n, max_payload) : n;
	struct burst *b = c->got;

	if (whole < 0) {
		fail(fd);
		return;
	}
	if (b && b->n == PIECES) { /* hardly ever: to the slow path, which has room for everything */
		if (c->sent) { /* never: sends are over when their pass begins, and what is put aside must come behind them */
			fail(fd);
			return;
		}
		c->got = NULL;
		if (b->total > b->whole)
			keep_begun(&c->begun, b);
		if (b->n)
			put_aside(fd, b, 0);
		put_burst(b);
		b = NULL;
	}
	if (!b) {
		b = c->got = new_burst();
		if (c->begun) {
			b->begun = c->begun;
			c->begun = NULL;
			b->iov[0] = (struct iovec){b->begun->data, b->begun->len};
			b->id[0] = -1;
			b->n = 1;
			b->total = b->begun->len;
		}
		mark(fd);
	}
	if (whole > 0)
		b->whole = b->total + whole;
	b->total += n;
	struct iovec *last = b->n ? &b->iov[b->n - 1] : NULL;
	if (last && b->id[b->n - 1] == id && (uint8_t *)last->iov_base + last->iov_len == p) {
		last->iov_len += n;
		return;
	}
	b->iov[b->n] = (struct iovec){p, n};
	b->id[b->n++] = id;
	buffers.refs[id]++;
}

static void on_receive(int fd, int res, uint32_t flags)
{
	struct conn *c = &conns[fd];
	if (flags & IORING_CQE_F_BUFFER) {
		uint32_t id = flags >> IORING_CQE_BUFFER_SHIFT;
		if (res > 0 && !c->broken)
			received(fd, id, res);
		if (flags & CQE_BUFFER_MORE) {
			buffers.used[id] += res;
		} else {
			buffers.full[id] = 1;
			buffers.ours++;
			buffers_settle(&buffers, id);
		}
	}
	if (flags & IORING_CQE_F_MORE)
		return;
	c->armed = 0;
	c->ops--;
	mark(fd);
	if (res == 0)
		c->ended = 1;
	else if (res == -ENOBUFS) {
		if (!c->starved)
			starved[starved_count++] = fd;
		c->starved = 1;
	} else if (res < 0 && res != -ECANCELED && res != -EINTR && res != -EAGAIN)
		fail(fd);
	else if (!c->paused && !c->broken)
		arm_receive(fd);
}

static void on_send(int fd, int res)
{
	struct conn *c = &conns[fd];
	struct burst *b = c->sent;
	c->sent = NULL;
	c->ops--;
	if (res < 0 && res != -EAGAIN && res != -EINTR) {
		fail(fd);
	} else if (!c->broken && (res < 0 || (uint64_t)res < b->whole)) {
		put_aside(fd, b, res < 0 ? 0 : res);
	}
	put_burst(b);
	if (c->got || c->ended || c->broken)
		mark(fd);
}

static void on_rest(int fd, int res)
{
	struct conn *c = &conns[fd];
	c->ops--;
	mark(fd);
	if (c->broken)
		return;
	if (res < 0 && res != -EINTR && res != -EAGAIN) {
		fail(fd);
		return;
	}
	c->sending->out += res < 0 ? 0 : res;
	if (c->sending->out < c->sending->len) {
		send_rest(fd);
		return;
	}
	free(c->sending);
	c->sending = NULL;
	if (c->waiting) {
		send_rest(fd);
		return;
	}
	c->paused = 0;
	if (!c->armed && !c->ended && !c->starved)
		arm_receive(fd);
}

static void on_accept(int res, uint32_t flags)
{
	if (!(flags & IORING_CQE_F_MORE))
		accepting = 0;
	if (res >= MAX_FDS)
		close(res);
	else if (res >= 0)
		arm_receive(res);
	if (!accepting && res != -EMFILE && res != -ENFILE) /* those wait until a connection ends */
		arm_accept();
}

static void end_pass(void)
{
	for (int i = 0; i < dirty_count; i++) {
		conns[dirty[i]].dirty = 0;
		flush(dirty[i]);
	}
	if (starved_count && buffers.ours < buffers.count) {
		for (int i = 0; i < starved_count; i++) {
			struct conn *c = &conns[starved[i]];
			uint8_t hungry = c->starved;
			c->starved = 0;
			if (hungry && !c->armed && !c->paused && !c->ended && !c->broken)
				arm_receive(starved[i]);
		}
		starved_count = 0;
	}
	for (int i = 0; i < dirty_count; i++)
		if (conns[dirty[i]].ended || conns[dirty[i]].broken)
			settle(dirty[i]);
	dirty_count = 0;
	buffers_publish(&buffers);
}

int main(int argc, char **argv)
{
	int one = 1, incremental = !strcmp(option(argc, argv, "-buffers", "incremental"), "incremental");

	ring_open(&ring, SQ, CQ);
	buffers_open(&buffers, ring.fd, atoi(option(argc, argv, "-size", "65536")),
		     atoi(option(argc, argv, "-count", incremental ? "16" : "32")), incremental);
	framed = !strcmp(option(argc, argv, "-mode", "frame"), "frame");
	max_payload = strtoul(option(argc, argv, "-max", "1048576"), NULL, 10);
	conns = table(MAX_FDS, sizeof *conns);
	dirty = table(MAX_FDS, sizeof *dirty);
	starved = table(MAX_FDS, sizeof *starved);
	listener = listen_on(atoi(option(argc, argv, "-p", "0")), 0);
	setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* connections inherit it */
	arm_accept();
	for (;;) {
		ring_wait(&ring);
		unsigned head = *ring.cq_head, tail = __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE);
		for (; head != tail; head++) {
			struct io_uring_cqe *e = &ring.cqes[head & ring.cq_mask];
			int fd = (int)(uint32_t)e->user_data;
			switch (e->user_data >> 32) {
			case ACCEPT:
				on_accept(e->res, e->flags);
				break;
			case RECEIVE:
				on_receive(fd, e->res, e->flags);
				break;
			case SEND:
				on_send(fd, e->res);
				break;
			case REST:
				on_rest(fd, e->res);
				break;
			case CANCEL:
				conns[fd].ops--;
				mark(fd);
			}
		}
		__atomic_store_n(ring.cq_head, head, __ATOMIC_RELEASE);
		end_pass();
	}
}
