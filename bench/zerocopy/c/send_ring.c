/*
 * send_ring.c - the ways of io_uring: SEND_ZC out of the mapped file, and SPLICE from the file through a pipe to the socket.
 */
#include "send.h"

enum { ENTRIES = 8 };

#ifndef IORING_SEND_ZC_REPORT_USAGE /* Linux 6.2 */
#define IORING_SEND_ZC_REPORT_USAGE (1u << 3)
#define IORING_NOTIF_USAGE_ZC_COPIED (1u << 31)
#endif

static int knows(int op)
{
	struct {
		struct io_uring_probe head;
		struct io_uring_probe_op ops[64];
	} p = {0};
	struct io_uring_params params = {0};

	int fd = syscall(__NR_io_uring_setup, 1, &params);
	if (fd < 0)
		return -1;
	if (syscall(__NR_io_uring_register, fd, IORING_REGISTER_PROBE, &p, 64) < 0)
		return -1;
	close(fd);
	if (op < p.head.ops_len && p.ops[op].flags & IO_URING_OP_SUPPORTED)
		return 0;
	errno = EOPNOTSUPP;
	return -1;
}

static int probe_send_zc(void)
{
	return knows(IORING_OP_SEND_ZC);
}

static int probe_splice(void)
{
	return knows(IORING_OP_SPLICE);
}

static void prepare_send_zc(struct conn *c)
{
	ring_open(&c->ring, ENTRIES, 64);
}

static void prepare_splice(struct conn *c)
{
	ring_open(&c->ring, ENTRIES, 64);
	c->pipe_size = LARGE_PIPE;
	pipe_of(c->pipe, LARGE_PIPE);
}

/* A completion, without the tail of 32-byte ones. */
struct done {
	uint64_t tag;
	int32_t res;
	uint32_t flags;
};

/* next_done submits, waits, and takes one completion. */
static struct done next_done(struct ring *r)
{
	unsigned head = *r->cq_head;
	while (head == __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE))
		ring_wait(r);
	struct io_uring_cqe *e = &r->cqes[head & r->cq_mask];
	struct done d = {e->user_data, e->res, e->flags};
	__atomic_store_n(r->cq_head, head + 1, __ATOMIC_RELEASE);
	return d;
}

static void note(uint32_t usage)
{
	__atomic_add_fetch(&notices, 1, __ATOMIC_RELAXED);
	if (usage & IORING_NOTIF_USAGE_ZC_COPIED)
		__atomic_add_fetch(&notices_copied, 1, __ATOMIC_RELAXED);
}

/* by_send_zc has one send under way at a time, as order demands, and any number of notices to come. */
static int by_send_zc(struct conn *c, int file, uint64_t size)
{
	uint64_t at = 0;
	int untold = 0, sending = 0, result = 0;

	if (size == 0)
		return 0;
	char *p = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
	if (p == MAP_FAILED)
		return -1;
	while (sending || untold > 0 || (at < size && result == 0)) {
		if (!sending && at < size && result == 0) {
			uint64_t left = size - at;
			struct io_uring_sqe *e = ring_sqe(&c->ring, IORING_OP_SEND_ZC, c->fd, 0);
			e->addr = (uintptr_t)(p + at);
			e->len = left < PIECE ? left : PIECE;
			e->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
			e->ioprio = IORING_SEND_ZC_REPORT_USAGE;
			sending = 1;
		}
		struct done e = next_done(&c->ring);
		if (e.flags & IORING_CQE_F_NOTIF) {
			untold--;
			note(e.res);
			continue;
		}
		sending = 0;
		untold += !!(e.flags & IORING_CQE_F_MORE);
		if (e.res > 0)
			at += e.res;
		else if (e.res != -EINTR && e.res != -EAGAIN)
			result = -1;
	}
	munmap(p, size);
	return result;
}

/* splice_one is one SPLICE; off is -1 for what has no offsets. */
static struct io_uring_sqe *splice_one(struct conn *c, int from, int64_t off, int to, uint32_t n, int tag)
{
	struct io_uring_sqe *e = ring_sqe(&c->ring, IORING_OP_SPLICE, to, tag);
	e->off = -1;
	e->splice_fd_in = from;
	e->splice_off_in = off;
	e->len = n;
	e->splice_flags = SPLICE_F_MOVE;
	return e;
}

/* by_ring_splice fills the pipe and empties it by two linked requests. A fill that comes short breaks the link, an emptying that
 * comes short leaves a rest: both are made up for by further requests. */
static int by_ring_splice(struct conn *c, int file, uint64_t size)
{
	for (uint64_t at = 0; at < size;) {
		uint64_t left = size - at;
		uint32_t n = left < (uint64_t)c->pipe_size ? left : (uint64_t)c->pipe_size;
		int in = 0, out = 0;
		struct io_uring_sqe *e = splice_one(c, file, at, c->pipe[1], n, 1);
		e->flags = IOSQE_IO_LINK;
		e = splice_one(c, c->pipe[0], -1, c->fd, n, 2);
		if (n < left)
			e->splice_flags |= SPLICE_F_MORE;
		for (int i = 0; i < 2; i++) {
			struct done d = next_done(&c->ring);
			if (d.tag == 1)
				in = d.res;
			else if (d.res != -ECANCELED && d.res != -EINTR)
				out = d.res;
		}
		if (in <= 0 || out < 0)
			return -1;
		at += in;
		while (out < in) {
			splice_one(c, c->pipe[0], -1, c->fd, in - out, 2);
			int more = next_done(&c->ring).res;
			if (more <= 0 && more != -EINTR)
				return -1;
			out += more > 0 ? more : 0;
		}
	}
	return 0;
}

const struct way way_ring_send_zc = {"send_zc", .probe = probe_send_zc, .prepare = prepare_send_zc, .send = by_send_zc};
const struct way way_ring_splice = {"uring_splice", .probe = probe_splice, .prepare = prepare_splice, .send = by_ring_splice};
