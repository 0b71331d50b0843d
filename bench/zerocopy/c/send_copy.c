/*
 * send_copy.c - the ways by which bytes pass through, or are seen by, user space: read+write, mmap+write, direct I/O+write.
 */
#include "send.h"

static void prepare_copy(struct conn *c)
{
	if (!(c->buffer = malloc(COPY_SIZE)))
		die("malloc");
}

static void prepare_direct(struct conn *c)
{
	void *p;
	if (posix_memalign(&p, DIRECT_ALIGN, DIRECT_SIZE) != 0)
		die("posix_memalign");
	c->buffer = p;
}

/* by_reading reads pieces of the file and sends each. pread is read without a position that connections would have to share. */
static int by_reading(struct conn *c, int file, uint64_t size, size_t piece)
{
	for (uint64_t at = 0; at < size;) {
		ssize_t n = pread(file, c->buffer, piece, at); /* direct: a whole block also at the end, which comes short */
		if (n <= 0)
			return -1;
		if ((uint64_t)n > size - at)
			n = size - at; /* the file has grown */
		if (send_all(c->fd, c->buffer, n) < 0)
			return -1;
		at += n;
	}
	return 0;
}

/* copy: disk -> page cache -> our buffer -> socket buffer. */
static int by_copy(struct conn *c, int file, uint64_t size)
{
	return by_reading(c, file, size, COPY_SIZE);
}

/* direct: disk -> our buffer -> socket buffer; the page cache has no part in it. */
static int by_direct(struct conn *c, int file, uint64_t size)
{
	return by_reading(c, file, size, DIRECT_SIZE);
}

/* mmap: disk -> page cache, which we see -> socket buffer. The kernel takes a fault for each run of pages that it meets first. */
static int by_mmap(struct conn *c, int file, uint64_t size)
{
	if (size == 0)
		return 0;
	char *p = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
	if (p == MAP_FAILED)
		return -1;
	int result = send_all(c->fd, p, size);
	munmap(p, size);
	return result;
}

const struct way way_copy = {"copy", .prepare = prepare_copy, .send = by_copy};
const struct way way_mmap = {"mmap", .send = by_mmap};
const struct way way_direct = {"direct", .file_flags = O_DIRECT, .prepare = prepare_direct, .send = by_direct};
