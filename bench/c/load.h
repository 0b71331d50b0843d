/*
 * load.h - what the parts of the load generator share.
 */
#ifndef ROPEWALK_BENCH_LOAD_H
#define ROPEWALK_BENCH_LOAD_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct options {
	const char *mode;  /* raw, frame, idle, file, http, ws, ws-idle, fan, framefan or conns */
	int port;          /* of the server, at 127.0.0.1 */
	int size;          /* payload bytes of a message */
	int conns;         /* connections */
	int depth;         /* messages (requests) outstanding on each */
	double time, warm; /* seconds measured, seconds before that */
	int pid;           /* the server whose CPU is sampled; 0 = none */
	int verify;        /* compare every byte */
	int silent;        /* idle: connect, but say nothing */
	int sources;       /* idle, ws-idle, fan, framefan, conns: number of source addresses used */
	int graceful;      /* conns: close by FIN, not by RST */
	const char *path;  /* file, http: what to request */
	const char *local; /* file: what to compare the answer with */
	double rate;       /* raw, frame: messages in a second; 0 = a closed loop */
	int fixed;         /* with it: all gaps alike */
	int count;         /* raw, frame, file, http, conns: number of requests; 0 = as many as fit into the time (but file) */
};

void run_echo(const struct options *o);
void run_open(const struct options *o);
void run_idle(const struct options *o);
void run_file(const struct options *o);
void run_pairs(const struct options *o);
void run_ws_idle(const struct options *o);
void run_fan(const struct options *o);
void run_conns(const struct options *o);

/* CPU time of a process: ns is exact (schedstat); the ticks are sampled by
 * the kernel and only good for telling the user share from the system's. */
struct cpu {
	uint64_t ns, user_ticks, sys_ticks;
};

struct cpu cpu_of(int pid);
struct cpu cpu_since(struct cpu start, int pid);
uint64_t own_cpu_ns(void);
uint64_t now_ns(void);
void die(const char *what);
int connect_to(int port, uint32_t source); /* source address, 0 = any */

/* A log-linear histogram: 64 buckets for each power of two, so a percentile
 * is exact to 1.6 %. */
enum { HIST_SUB = 64, HIST_SIZE = 60 * HIST_SUB };
struct hist {
	uint64_t count, bucket[HIST_SIZE];
};

static inline void hist_add(struct hist *h, uint64_t v, uint64_t n)
{
	int shift = v < HIST_SUB ? 0 : 63 - __builtin_clzll(v) - 6;
	h->bucket[shift * HIST_SUB + (v >> shift)] += n;
	h->count += n;
}
double hist_us(const struct hist *h, double quantile); /* ns in, us out */

/* What was counted and spent while the load was measured. */
struct window {
	uint64_t msgs, total; /* answers in the window, and with those before it */
	double seconds;
	struct cpu cpu; /* of the server */
	uint64_t own;   /* CPU of the load generator, ns */
};
void report(const struct window *w, const struct hist *latency); /* a line of JSON */

#endif
