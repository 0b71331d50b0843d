/*
 * sha1.h - SHA-1 of a short string and Base64, for what a WebSocket server
 * answers to the key of a handshake (RFC 6455, section 4.2.2).
 */
#ifndef ROPEWALK_BENCH_SHA1_H
#define ROPEWALK_BENCH_SHA1_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline uint32_t rotate(uint32_t v, int n) { return v << n | v >> (32 - n); }

/* sha1_block adds one block of 64 bytes to the state. */
static inline void sha1_block(uint32_t state[5], const uint8_t *block)
{
	uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
		uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
		uint32_t next = rotate(a, 5) + f + e + k + w[i];
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

/* websocket_accept writes the 28 characters and a NUL that accept a key. A key
 * that is longer than keys are is cut. */
static inline void websocket_accept(const char *key, size_t n, char *to)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
	uint8_t text[128] = {0}, digest[21] = {0};
	int len = snprintf((char *)text, 64, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", n < 24 ? (int)n : 24, key);

	text[len] = 0x80;
	text[126] = len * 8 >> 8;
	text[127] = len * 8;
	sha1_block(state, text);
	sha1_block(state, text + 64); /* 60 bytes and their length take two blocks */
	for (int i = 0; i < 20; i++)
		digest[i] = state[i / 4] >> (24 - 8 * (i % 4));
	for (int i = 0; i < 21; i += 3) {
		uint32_t v = digest[i] << 16 | digest[i + 1] << 8 | digest[i + 2];
		for (int j = 0; j < 4; j++)
			*to++ = alphabet[v >> (18 - 6 * j) & 63];
	}
	to[-1] = '='; /* 20 bytes are 27 characters and one of padding */
	*to = 0;
}

#endif
