/*
 * send.h - what the ways of sending a file share.
 *
 * A way is three functions: one that tells before anybody connects whether this system can do it, one that makes what a
 * connection keeps (a buffer, a pipe, a ring), and one that sends a file. All of them block: a thread belongs to each
 * connection.
 */
#ifndef ROPEWALK_BENCH_SEND_H
#define ROPEWALK_BENCH_SEND_H

#include "uring.h"

enum {
	COPY_SIZE = 64 << 10,   /* read+write: bytes of one read */
	DIRECT_SIZE = 1 << 20,  /* direct I/O: bytes of one read */
	DIRECT_ALIGN = 4096,    /* and where they go; no disk wants more */
	PIECE = 1 << 20,        /* MSG_ZEROCOPY, send_zc: bytes of one send */
	SMALL_PIPE = 64 << 10,  /* what pipe(2) makes: 16 pages */
	LARGE_PIPE = 1 << 20,   /* the most an ordinary user may ask for, pipe-max-size */
};

/* What a connection keeps. */
struct conn {
	int fd;
	char *buffer;       /* copy, direct */
	int pipe[2];        /* splice, tee, ring_splice */
	int pipe_size;      /* bytes it holds */
	int second[2];      /* tee: the pipe of the second reader */
	uint32_t sent_zero; /* zerocopy: sends that are to be told of, and were */
	uint32_t told_zero;
	struct ring ring;   /* ring_send_zc, ring_splice */
};

struct way {
	const char *name;
	int file_flags;                   /* besides O_RDONLY */
	int (*probe)(void);               /* -1 and errno if this system cannot do it; NULL: it can */
	void (*prepare)(struct conn *c);  /* NULL: nothing to make */
	int (*send)(struct conn *c, int file, uint64_t size); /* -1 if the peer left, or the file shrank; NULL: serve_loop */
};

extern const struct way way_copy, way_mmap, way_direct;                       /* send_copy.c */
extern const struct way way_sendfile, way_splice, way_splice_large, way_tee; /* send_splice.c */
extern const struct way way_loop;                                            /* send_loop.c */
extern const struct way way_zerocopy;                                        /* send_zero.c */
extern const struct way way_ring_send_zc, way_ring_splice;                   /* send_ring.c */

/* Where the second reader of tee puts its bytes: /dev/null, or the file of -tap. */
extern int tap_fd;

/* Notices that memory is no longer needed (MSG_ZEROCOPY, send_zc), and how many of them say that the kernel copied all the same. */
extern uint64_t notices, notices_copied;

/* send_all sends n bytes by copying; 0, or -1 if the peer left. */
int send_all(int fd, const char *p, size_t n);

/* serve_loop serves all connections of a listener by one thread; find returns the descriptor and size of a file, or -1. */
void serve_loop(int listener, int (*find)(const char *name, uint64_t *size));

void pipe_of(int pair[2], int size);

#endif
