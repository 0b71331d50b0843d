/*
 * load.c - the load generator of the UDP benchmark: peers, each a connected socket, that have a number of packets on their way and
 * send a new one for each that comes back.
 *
 *	load -p PORT -pid PID SIZE PEERS DEPTH SECONDS WARM [offload]
 *
 * With offload the peers send a burst by one call that the kernel splits (UDP_SEGMENT), and let it give them several packets at once
 * (UDP_GRO). On the loopback interface what a peer does not do in this way is done in the time of the server.
 *
 * A packet that got lost would stop its peer's window for good, so a peer that has heard nothing for 20 ms starts anew, and the
 * packets that it waited for are counted as lost. Packets are numbered: an answer that comes after that counts too.
 */
#include "../../c/load.h"
#include <netinet/udp.h>

enum { BATCH = 64, ROOM = 9000, QUIET_MS = 20 };

struct peer {
	int fd, waiting;
	uint64_t heard;
};

static struct mmsghdr in[BATCH], out[BATCH];
static struct iovec in_iov[BATCH], out_iov[BATCH];
static char sent[BATCH][ROOM], got[BATCH][1 << 16];
static int offload;
static struct hist latency;
static uint64_t msgs, lost;
static int size;

/* Each packet begins with the time at which it was sent. */
static void send_packets(struct peer *p, int n)
{
	uint64_t now = now_ns();
	for (int i = 0; i < n; i++)
		memcpy(sent[i], &now, sizeof now);
	if (offload) {
		struct msghdr m = {.msg_iov = out_iov, .msg_iovlen = n};
		while (sendmsg(p->fd, &m, 0) < 0)
			if (errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED)
				die("sendmsg");
		p->waiting += n;
		return;
	}
	for (int done = 0; done < n;) {
		int r = sendmmsg(p->fd, out + done, n - done, 0);
		if (r > 0)
			done += r;
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED)
			die("sendmmsg");
	}
	p->waiting += n;
}

static void answer(struct peer *p, int measured)
{
	int n = recvmmsg(p->fd, in, BATCH, MSG_DONTWAIT, NULL);
	if (n <= 0)
		return;
	uint64_t now = now_ns();
	int packets = 0;
	for (int i = 0; i < n; i++) {
		if (in[i].msg_len % size || (!offload && in[i].msg_len != (unsigned)size)) {
			errno = 0;
			die("an answer of another size");
		}
		for (unsigned at = 0; at < in[i].msg_len; at += size, packets++) {
			uint64_t then;
			memcpy(&then, got[i] + at, sizeof then);
			if (measured)
				hist_add(&latency, now - then, 1);
		}
	}
	msgs += packets;
	p->heard = now;
	p->waiting = p->waiting > packets ? p->waiting - packets : 0;
	for (; packets > BATCH; packets -= BATCH)
		send_packets(p, BATCH);
	send_packets(p, packets);
}

int main(int argc, char **argv)
{
	if (argc < 10 || argc > 11 || strcmp(argv[1], "-p") || strcmp(argv[3], "-pid")) {
		fprintf(stderr, "usage: load -p PORT -pid PID SIZE PEERS DEPTH SECONDS WARM [offload]\n");
		return 2;
	}
	int port = atoi(argv[2]), pid = atoi(argv[4]), peers = atoi(argv[6]), depth = atoi(argv[7]);
	double seconds = atof(argv[8]), warm = atof(argv[9]);
	size = atoi(argv[5]);
	offload = argc > 10 && !strcmp(argv[10], "offload");
	for (int i = 0; i < BATCH; i++) {
		in_iov[i] = (struct iovec){got[i], sizeof got[i]};
		out_iov[i] = (struct iovec){sent[i], size};
		in[i].msg_hdr = (struct msghdr){.msg_iov = &in_iov[i], .msg_iovlen = 1};
		out[i].msg_hdr = (struct msghdr){.msg_iov = &out_iov[i], .msg_iovlen = 1};
	}
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct peer *all = calloc(peers, sizeof *all);
	int ep = epoll_create1(0);
	for (int i = 0; i < peers; i++) {
		struct epoll_event ev = {.events = EPOLLIN, .data.u32 = i};
		all[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		if (all[i].fd < 0 || connect(all[i].fd, (void *)&to, sizeof to) || epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd, &ev))
			die("connect");
		int one = 1;
		if (offload && (setsockopt(all[i].fd, SOL_UDP, UDP_SEGMENT, &size, sizeof size) ||
				setsockopt(all[i].fd, SOL_UDP, UDP_GRO, &one, sizeof one)))
			die("offload");
		all[i].heard = now_ns();
		send_packets(&all[i], depth);
	}
	uint64_t start = now_ns(), begin = start + warm * 1e9, end = begin + seconds * 1e9, own = 0, before = 0, look = start;
	struct cpu cpu = {0};
	int measured = 0;
	for (;;) {
		uint64_t now = now_ns();
		if (!measured && now >= begin) {
			measured = 1;
			before = msgs;
			lost = 0;
			cpu = cpu_of(pid);
			own = own_cpu_ns();
			begin = now_ns();
			end = begin + seconds * 1e9;
		}
		if (now >= end)
			break;
		struct epoll_event ev[BATCH];
		int n = epoll_wait(ep, ev, BATCH, QUIET_MS);
		for (int i = 0; i < n; i++)
			answer(&all[ev[i].data.u32], measured);
		if ((now = now_ns()) - look < QUIET_MS * 1000000ull)
			continue;
		look = now;
		for (int i = 0; i < peers; i++) {
			if (now - all[i].heard < QUIET_MS * 1000000ull)
				continue;
			lost += all[i].waiting;
			all[i].waiting = 0;
			all[i].heard = now;
			send_packets(&all[i], depth);
		}
	}
	end = now_ns();
	cpu = cpu_since(cpu, pid);
	struct window w = {msgs - before, msgs, (end - begin) / 1e9, cpu, own_cpu_ns() - own};
	fprintf(stderr, "lost %llu\n", (unsigned long long)lost);
	report(&w, &latency);
	return 0;
}
