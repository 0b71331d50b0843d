/*
 * uring_burst.h - what a pass has received from a connection of uring.c: pieces of the ring's buffers, where they lie, and how
 * much of them is whole frames.
 */
#ifndef ROPEWALK_BENCH_URING_BURST_H
#define ROPEWALK_BENCH_URING_BURST_H

#include "uring.h"

enum { PIECES = 64 };

struct bytes { /* memory of our own */
	uint32_t out, len, cap;
	uint8_t data[];
};

struct burst { /* what a pass has received from a connection */
	struct burst *next; /* in the free list */
	struct bytes *begun; /* the first piece, if it is the frame that an earlier pass began */
	uint32_t n;
	uint64_t total, whole; /* bytes of all pieces, and of the whole frames in front */
	struct msghdr msg;
	struct iovec iov[PIECES];
	uint32_t id[PIECES]; /* the buffer of each */
};

struct place { /* in a stream of frames */
	uint32_t need, head, digits; /* bytes missing of a payload; length so far, bytes of it */
};

static struct buffers buffers;
static struct burst *free_bursts;

/* append copies to the end of *b, which may be NULL. */
static inline void append(struct bytes **b, const void *p, size_t n)
{
	struct bytes *old = *b;
	size_t len = old ? old->len : 0, cap = old ? old->cap : 0;

	if (len + n > cap) {
		cap = len + n > 2 * cap ? len + n : 2 * cap;
		if (!(*b = realloc(old, sizeof **b + cap)))
			die("realloc");
		(*b)->cap = cap;
		if (!old)
			(*b)->out = (*b)->len = 0;
	}
	memcpy((*b)->data + len, p, n);
	(*b)->len = len + n;
}

static inline struct burst *new_burst(void)
{
	struct burst *b = free_bursts;
	if (b)
		free_bursts = b->next;
	else if (!(b = malloc(sizeof *b)))
		die("malloc");
	b->begun = NULL;
	b->n = 0;
	b->total = b->whole = 0;
	return b;
}

/* drop_pieces gives the buffers of the pieces from number i on back. */
static inline void drop_pieces(struct burst *b, uint32_t i)
{
	for (; i < b->n; i++) {
		buffers.refs[b->id[i]]--;
		buffers_settle(&buffers, b->id[i]);
	}
}

static inline void put_burst(struct burst *b)
{
	if (!b)
		return;
	drop_pieces(b, b->begun != NULL);
	free(b->begun);
	b->next = free_bursts;
	free_bursts = b;
}

/* keep_begun copies what lies behind the whole frames of a burst to *begun, and takes it out of the burst. */
static inline void keep_begun(struct bytes **begun, struct burst *b)
{
	uint64_t at = 0;
	uint32_t n = 0;
	if (b->whole == 0 && b->begun) { /* more of a frame that was begun before */
		*begun = b->begun;
		at = b->begun->len;
	}
	for (uint32_t i = at > 0; i < b->n; i++) {
		uint64_t len = b->iov[i].iov_len, mine = at < b->whole ? b->whole - at : 0;
		mine = mine < len ? mine : len;
		if (mine < len)
			append(begun, (uint8_t *)b->iov[i].iov_base + mine, len - mine);
		at += len;
		b->iov[i].iov_len = mine;
		n += mine > 0 && i == n;
	}
	if (b->whole == 0 && b->begun) { /* its memory may have moved; it is the connection's now */
		b->begun = NULL;
		drop_pieces(b, 1);
		n = 0;
	} else {
		drop_pieces(b, n);
	}
	b->n = n;
	b->total = b->whole;
}

/* whole_frames follows the stream through n more bytes, and returns how many of them belong to frames that are whole
 * now, or -1 when a frame is longer than allowed. */
static inline int64_t whole_frames(struct place *c, const uint8_t *p, uint32_t n, uint32_t most)
{
	uint32_t at = 0, whole = 0, size;
	while (at < n) {
		if (c->need == 0) {
			if (c->digits == 0 && n - at >= 4) {
				memcpy(&size, p + at, 4);
				size = ntohl(size);
				at += 4;
			} else {
				c->head = c->head << 8 | p[at++];
				if (++c->digits < 4)
					continue;
				size = c->head;
				c->head = c->digits = 0;
			}
			if (size > most)
				return -1;
			c->need = size;
		}
		uint32_t take = c->need < n - at ? c->need : n - at;
		at += take;
		c->need -= take;
		if (c->need == 0)
			whole = at;
	}
	return whole;
}

#endif
