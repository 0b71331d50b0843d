/*
 * uring.h - an io_uring and a ring of provided buffers by bare system calls (io_uring(7), io_uring_setup(2),
 * io_uring_enter(2), io_uring_register(2)), for the floor in uring.c. liburing would do the same, and would have to be
 * installed.
 *
 * The ring belongs to one thread. Completions are made by that thread when it waits (DEFER_TASKRUN), never in between.
 */
#ifndef ROPEWALK_BENCH_URING_H
#define ROPEWALK_BENCH_URING_H

#include "server.h"
#include <linux/io_uring.h>
#include <sys/syscall.h>

/* What the headers of Debian 12 (Linux 6.1) do not know yet. */
#define RING_NO_SQARRAY (1u << 16)       /* IORING_SETUP_NO_SQARRAY, Linux 6.6 */
#define RING_BUFFERS_INCREMENTAL 2       /* IOU_PBUF_RING_INC, Linux 6.12 */
#define CQE_BUFFER_MORE (1u << 4)        /* IORING_CQE_F_BUF_MORE, with it */

struct ring {
	int fd;                          /* for registering */
	int index;                       /* for entering, with the flag `registered` */
	unsigned registered;
	unsigned entries, sq_mask, tail; /* tail: ours, published by ring_wait */
	unsigned *sq_head, *sq_tail;
	unsigned cq_mask, *cq_head, *cq_tail;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

/* ring_enter submits what has been prepared, and waits until `wait` completions are there. */
static inline void ring_enter(struct ring *r, unsigned wait, unsigned flags)
{
	__atomic_store_n(r->sq_tail, r->tail, __ATOMIC_RELEASE);
	unsigned submit = r->tail - __atomic_load_n(r->sq_head, __ATOMIC_ACQUIRE);
	if (syscall(__NR_io_uring_enter, r->index, submit, wait, flags | r->registered, NULL, 0) < 0 &&
	    errno != EINTR && errno != EAGAIN && errno != EBUSY)
		die("io_uring_enter");
}

static inline void ring_wait(struct ring *r)
{
	ring_enter(r, 1, IORING_ENTER_GETEVENTS);
}

/* ring_sqe returns an empty entry, and submits when there is none left. */
static inline struct io_uring_sqe *ring_sqe(struct ring *r, int op, int fd, uint64_t tag)
{
	while (r->tail - __atomic_load_n(r->sq_head, __ATOMIC_ACQUIRE) == r->entries)
		ring_enter(r, 0, 0);
	struct io_uring_sqe *e = &r->sqes[r->tail++ & r->sq_mask];
	memset(e, 0, sizeof *e);
	e->opcode = op;
	e->fd = fd;
	e->user_data = tag;
	return e;
}

static inline void *ring_map(int fd, size_t size, off_t what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);
	if (p == MAP_FAILED)
		die("mmap of the ring");
	return p;
}

/* ring_open makes the ring of the calling thread, or ends the program with the reason. */
static inline void ring_open(struct ring *r, unsigned sq, unsigned cq)
{
	struct io_uring_params p = {.cq_entries = cq};
	unsigned flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER |
			 IORING_SETUP_DEFER_TASKRUN;

	p.flags = flags | RING_NO_SQARRAY;
	int fd = syscall(__NR_io_uring_setup, sq, &p);
	if (fd < 0 && errno == EINVAL) {
		p = (struct io_uring_params){.cq_entries = cq, .flags = flags};
		fd = syscall(__NR_io_uring_setup, sq, &p);
	}
	if (fd < 0)
		die("io_uring_setup");

	size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	size_t other = p.sq_off.array + p.sq_entries * sizeof(unsigned);
	uint8_t *at = ring_map(fd, size > other ? size : other, IORING_OFF_SQ_RING);
	r->sqes = ring_map(fd, p.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	r->sq_head = (unsigned *)(at + p.sq_off.head);
	r->sq_tail = (unsigned *)(at + p.sq_off.tail);
	r->cq_head = (unsigned *)(at + p.cq_off.head);
	r->cq_tail = (unsigned *)(at + p.cq_off.tail);
	r->cqes = (struct io_uring_cqe *)(at + p.cq_off.cqes);
	r->entries = p.sq_entries;
	r->sq_mask = p.sq_entries - 1;
	r->cq_mask = p.cq_entries - 1;
	r->tail = *r->sq_tail;
	if (!(p.flags & RING_NO_SQARRAY))
		for (unsigned i = 0; i < p.sq_entries; i++)
			((unsigned *)(at + p.sq_off.array))[i] = i;

	struct io_uring_rsrc_update own = {.offset = -1u, .data = fd};
	r->fd = r->index = fd;
	if (syscall(__NR_io_uring_register, fd, IORING_REGISTER_RING_FDS, &own, 1) == 1) {
		r->index = own.offset;
		r->registered = IORING_ENTER_REGISTERED_RING;
	}
}

/*
 * Buffers that the kernel picks by itself when something is received. Each is in one of three states: the kernel's; partly
 * used, still the kernel's (incremental only); used up, ours until nobody refers to it.
 */
struct buffers {
	struct io_uring_buf_ring *ring;
	uint8_t *memory;
	uint32_t size, count;
	uint32_t *used, *refs; /* by number: bytes received so far, references */
	uint8_t *full;         /* by number: the kernel is done with it */
	uint16_t tail;         /* ours, published by buffers_publish */
	uint32_t ours;         /* how many are used up */
};

static inline void buffers_add(struct buffers *b, unsigned id)
{
	struct io_uring_buf *e = &b->ring->bufs[b->tail++ & (b->count - 1)];
	e->addr = (uintptr_t)(b->memory + (size_t)id * b->size);
	e->len = b->size;
	e->bid = id; /* not the field behind it: in the first entry that is the tail */
}

static inline void buffers_publish(struct buffers *b)
{
	__atomic_store_n(&b->ring->tail, b->tail, __ATOMIC_RELEASE);
}

/* buffers_open registers count buffers (a power of two) as group 0. */
static inline void buffers_open(struct buffers *b, int ring, uint32_t size, uint32_t count, int incremental)
{
	struct {
		uint64_t addr;
		uint32_t entries;
		uint16_t group, flags;
		uint64_t reserved[3];
	} reg = {.entries = count, .flags = incremental ? RING_BUFFERS_INCREMENTAL : 0};

	b->size = size;
	b->count = count;
	b->ring = table(count, sizeof(struct io_uring_buf));
	b->memory = mmap(NULL, (size_t)size * count, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	b->used = table(count, sizeof *b->used);
	b->refs = table(count, sizeof *b->refs);
	b->full = table(count, sizeof *b->full);
	reg.addr = (uintptr_t)b->ring;
	if (b->memory == MAP_FAILED)
		die("mmap of the buffers");
	if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_PBUF_RING, &reg, 1) < 0)
		die("IORING_REGISTER_PBUF_RING");
	for (unsigned id = 0; id < count; id++)
		buffers_add(b, id);
	buffers_publish(b);
}

/* buffers_settle gives a buffer back that is used up and that nobody refers to. */
static inline void buffers_settle(struct buffers *b, unsigned id)
{
	if (!b->full[id] || b->refs[id])
		return;
	b->full[id] = 0;
	b->used[id] = 0;
	b->ours--;
	buffers_add(b, id);
}

#endif
