/*
 * load_idle.c - open many connections, let each speak once (unless -silent),
 * print a line when all are there, and hold them until stdin ends.
 *
 * What is said is one frame (4-byte length, SIZE bytes), which raw echo
 * servers answer with the same bytes, too. Several source addresses keep the
 * number of free ports from being the limit.
 */
#include "load.h"

static void speak(int fd, const uint8_t *frame, size_t size)
{
	uint8_t back[4 + 65536];
	if (send(fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size)
		die("send");
	if (recv(fd, back, size, MSG_WAITALL) != (ssize_t)size || memcmp(frame, back, size))
		die("the echo differs");
}

void run_idle(const struct options *o)
{
	uint8_t frame[4 + 65536];
	struct linger reset = {.l_onoff = 1};
	uint64_t start = now_ns();

	if (o->size > 65536 || o->sources < 1)
		die("-s or -sources out of range");
	uint32_t length = htonl(o->size);
	memcpy(frame, &length, 4);
	memset(frame + 4, 'i', o->size);
	for (int i = 0; i < o->conns; i++) {
		int fd = connect_to(o->port, INADDR_LOOPBACK + 1 + i % o->sources);
		if (!o->silent)
			speak(fd, frame, 4 + o->size);
		/* end by a reset: no thousands of sockets in TIME_WAIT */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	}
	printf("{\"conns\":%d,\"seconds\":%.3f}\n", o->conns, (now_ns() - start) / 1e9);
	fflush(stdout);
	char c;
	while (read(0, &c, 1) > 0)
		;
}
