/*
 * load_web.h - what the load generator knows of HTTP/1.1 and WebSocket, on
 * blocking sockets. Whatever is not as it should be ends the program.
 */
#ifndef ROPEWALK_BENCH_LOAD_WEB_H
#define ROPEWALK_BENCH_LOAD_WEB_H

#include "load.h"

struct http_head {
	int status;
	uint64_t size;  /* bytes of the head */
	int64_t length; /* of the body, -1 if it is not said */
	char text[4096];
};

/* http_answer reads the head of an answer, and not a byte more. */
struct http_head http_answer(int fd);

/* ws_handshake asks for a WebSocket without extensions, and checks the answer. */
void ws_handshake(int fd, int port);

/* ws_frame writes a masked binary frame of so many bytes of payload, below
 * 64 KiB, and returns its size: that of ws_frame_size. No two are the same. */
uint64_t ws_frame(uint8_t *to, int payload);
uint64_t ws_frame_size(int payload);

/* ws_answer reads what must be the echo of a frame that ws_frame has made:
 * one unmasked frame. It returns its size. */
uint64_t ws_answer(int fd, const uint8_t *frame, uint64_t size);

#endif
