/*
 * send_zero.c - MSG_ZEROCOPY: the socket refers to our memory, here the mapped file, until the peer has acknowledged it; then the
 * error queue tells. See Documentation/networking/msg_zerocopy.rst of Linux.
 */
#include "send.h"
#include <linux/errqueue.h>
#include <poll.h>

static int allow(int fd)
{
	int one = 1;
	return setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one);
}

static int probe(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result = allow(fd);
	if (result == 0)
		close(fd);
	return result;
}

static void prepare(struct conn *c)
{
	if (allow(c->fd) < 0)
		die("SO_ZEROCOPY");
}

/* take_notices takes what the error queue has, after waiting until it has something. A notice is for a range of sends. */
static int take_notices(struct conn *c)
{
	struct pollfd p = {.fd = c->fd}; /* POLLERR is always asked for */
	char control[128];

	if (poll(&p, 1, -1) < 0 || !(p.revents & POLLERR))
		return -1;
	for (;;) {
		struct msghdr m = {.msg_control = control, .msg_controllen = sizeof control};
		if (recvmsg(c->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return errno == EAGAIN ? 0 : -1;
		for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
			struct sock_extended_err e;
			memcpy(&e, CMSG_DATA(h), sizeof e);
			if (e.ee_origin != SO_EE_ORIGIN_ZEROCOPY)
				return -1;
			uint32_t n = e.ee_data - e.ee_info + 1;
			c->told_zero += n;
			__atomic_add_fetch(&notices, n, __ATOMIC_RELAXED);
			if (e.ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
				__atomic_add_fetch(&notices_copied, n, __ATOMIC_RELAXED);
		}
	}
}

static int by_zerocopy(struct conn *c, int file, uint64_t size)
{
	int result = 0;
	if (size == 0)
		return 0;
	char *p = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
	if (p == MAP_FAILED)
		return -1;
	for (uint64_t at = 0; at < size && result == 0;) {
		uint64_t left = size - at;
		ssize_t n = send(c->fd, p + at, left < PIECE ? left : PIECE, MSG_ZEROCOPY | MSG_NOSIGNAL);
		if (n < 0 && errno == ENOBUFS && c->told_zero != c->sent_zero)
			result = take_notices(c); /* too many untold: net.core.optmem_max */
		else if (n < 0 && errno != EINTR)
			result = -1;
		else if (n >= 0) {
			at += n;
			c->sent_zero++;
		}
	}
	while (result == 0 && c->told_zero != c->sent_zero)
		result = take_notices(c); /* until then the pages are the socket's too */
	munmap(p, size);
	return result;
}

const struct way way_zerocopy = {"zerocopy", .probe = probe, .prepare = prepare, .send = by_zerocopy};
