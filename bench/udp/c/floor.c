/*
 * floor.c - the floor of the UDP benchmark: one thread that echoes packets with recvmmsg(2) and sendmmsg(2), up to 64 at a time.
 *
 *	floor PORT [gso]
 *
 * With gso it sets UDP_GRO, and sends packets of one size to one peer that follow each other as one (UDP_SEGMENT).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, ROOM = 2048 };

static struct mmsghdr in[BATCH], out[BATCH];
static struct iovec in_iov[BATCH], out_iov[BATCH];
static struct sockaddr_in from[BATCH];
static char room[BATCH][ROOM];
static char control[BATCH][CMSG_SPACE(sizeof(uint16_t))];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void send_all(int fd, int n)
{
	for (int done = 0; done < n;) {
		int r = sendmmsg(fd, out + done, n - done, 0);
		if (r > 0)
			done += r;
		else if (errno != EAGAIN && errno != EINTR)
			done++; /* that one is lost */
	}
}

static int join(int n, int gso)
{
	int runs = 0;
	for (int i = 0; i < n; i++) {
		struct msghdr *last = runs ? &out[runs - 1].msg_hdr : NULL;
		in_iov[i].iov_len = in[i].msg_len;
		out_iov[i] = in_iov[i];
		if (gso && last && in[i].msg_len == last->msg_iov[0].iov_len &&
		    !memcmp(&from[i], last->msg_name, sizeof from[i])) {
			last->msg_iovlen++;
			continue;
		}
		out[runs++].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &out_iov[i], .msg_iovlen = 1};
	}
	for (int i = 0; i < runs; i++) {
		struct msghdr *m = &out[i].msg_hdr;
		if (m->msg_iovlen == 1)
			continue;
		m->msg_control = control[i];
		m->msg_controllen = sizeof control[i];
		struct cmsghdr *c = CMSG_FIRSTHDR(m);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
		uint16_t size = m->msg_iov[0].iov_len;
		memcpy(CMSG_DATA(c), &size, sizeof size);
	}
	return runs;
}

int main(int argc, char **argv)
{
	int gso = argc > 1 && !strcmp(argv[1], "gso");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof a;
	if (fd < 0 || bind(fd, (void *)&a, sizeof a) || getsockname(fd, (void *)&a, &size))
		die("bind");
	int ep = epoll_create1(0);
	struct epoll_event ev = {.events = EPOLLIN};
	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		die("epoll");
	printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
	fflush(stdout);
	for (;;) {
		if (epoll_wait(ep, &ev, 1, -1) < 0 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < BATCH; i++) {
			in_iov[i] = (struct iovec){room[i], ROOM};
			in[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &in_iov[i], .msg_iovlen = 1};
		}
		int n = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
		if (n > 0)
			send_all(fd, join(n, gso));
	}
}
