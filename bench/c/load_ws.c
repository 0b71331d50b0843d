/*
 * load_ws.c - HTTP/1.1 and WebSocket for the load generator, and its mode
 * that opens many WebSockets, lets each echo one message, prints a line when
 * all are there, and holds them until stdin ends.
 */
#include "load_web.h"

/* The example of RFC 6455, section 1.3. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum { MAX_PAYLOAD = 65535, MAX_FRAME = MAX_PAYLOAD + 8 };

/* field returns the value of a header field and what follows it, or NULL. */
static const char *field(const char *head, const char *name)
{
	size_t n = strlen(name);
	for (const char *at = head; (at = strstr(at, "\r\n"));) {
		at += 2;
		if (!strncasecmp(at, name, n) && at[n] == ':')
			return at + n + 1 + strspn(at + n + 1, " ");
	}
	return NULL;
}

struct http_head http_answer(int fd)
{
	struct http_head h = {.length = -1};
	char *end = NULL;
	while (!end) {
		ssize_t n = recv(fd, h.text, sizeof h.text - 1, MSG_PEEK);
		if (n <= 0)
			die("no answer");
		h.text[n] = 0;
		end = strstr(h.text, "\r\n\r\n");
		errno = 0;
		if (!end && n == sizeof h.text - 1)
			die("the head of an answer does not end");
	}
	h.size = end + 4 - h.text;
	if (recv(fd, h.text, h.size, MSG_WAITALL) != (ssize_t)h.size)
		die("recv");
	end[2] = 0;
	if (sscanf(h.text, "HTTP/1.1 %d ", &h.status) != 1)
		die("the answer is not HTTP/1.1");
	const char *length = field(h.text, "Content-Length");
	if (length)
		h.length = strtoll(length, NULL, 10);
	return h;
}

void ws_handshake(int fd, int port)
{
	char text[256];
	int n = snprintf(text, sizeof text,
			 "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
			 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n", port);
	if (send(fd, text, n, MSG_NOSIGNAL) != n)
		die("send");
	struct http_head h = http_answer(fd);
	const char *accept = field(h.text, "Sec-WebSocket-Accept");
	errno = 0;
	if (h.status != 101 || !accept || strncmp(accept, ACCEPT "\r\n", strlen(ACCEPT) + 2))
		die("the answer to the handshake is not right");
	if (field(h.text, "Sec-WebSocket-Extensions"))
		die("the server has chosen an extension that was not offered");
}

uint64_t ws_frame_size(int payload)
{
	return payload + (payload < 126 ? 6 : 8);
}

uint64_t ws_frame(uint8_t *to, int payload)
{
	static uint32_t seed;
	if (payload < 0 || payload > MAX_PAYLOAD)
		die("-s out of range");
	uint8_t *at = to;
	*at++ = 0x82;
	if (payload < 126) {
		*at++ = 0x80 | payload;
	} else {
		*at++ = 0x80 | 126;
		*at++ = payload >> 8;
		*at++ = payload;
	}
	uint32_t key = (++seed) * 0x9E3779B1u;
	uint8_t *mask = at;
	memcpy(mask, &key, 4);
	at += 4;
	for (int i = 0; i < payload; i++)
		at[i] = (uint8_t)((seed * 31 + i * 7) * 0x9E3779B1u >> 24) ^ mask[i % 4];
	return at + payload - to;
}

uint64_t ws_answer(int fd, const uint8_t *frame, uint64_t size)
{
	static uint8_t expected[MAX_FRAME], got[MAX_FRAME];
	int head = (frame[1] & 127) < 126 ? 2 : 4;
	const uint8_t *mask = frame + head;
	uint64_t payload = size - head - 4;

	memcpy(expected, frame, head);
	expected[1] &= 127;
	for (uint64_t i = 0; i < payload; i++)
		expected[head + i] = mask[4 + i] ^ mask[i % 4];
	if (recv(fd, got, head + payload, MSG_WAITALL) != (ssize_t)(head + payload))
		die("the answer ends early");
	errno = 0;
	if (memcmp(got, expected, head + payload))
		die("the answer is not the frame that was sent");
	return head + payload;
}

void run_ws_idle(const struct options *o)
{
	static uint8_t frame[MAX_FRAME];
	struct linger reset = {.l_onoff = 1};
	uint64_t start = now_ns();

	if (o->sources < 1)
		die("-sources out of range");
	for (int i = 0; i < o->conns; i++) {
		int fd = connect_to(o->port, INADDR_LOOPBACK + 1 + i % o->sources);
		ws_handshake(fd, o->port);
		uint64_t n = ws_frame(frame, o->size);
		if (send(fd, frame, n, MSG_NOSIGNAL) != (ssize_t)n)
			die("send");
		ws_answer(fd, frame, n);
		/* end by a reset: no thousands of sockets in TIME_WAIT */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	}
	printf("{\"conns\":%d,\"seconds\":%.3f}\n", o->conns, (now_ns() - start) / 1e9);
	fflush(stdout);
	char c;
	while (read(0, &c, 1) > 0)
		;
}
