/*
 * http.c - the floor for HTTP/1.1: a single-threaded, level-triggered epoll
 * loop that answers GET.
 *
 *   http [-p PORT]              every path is "Hello, World!"
 *   http [-p PORT] -root DIR    files of one directory
 *
 * A head is searched for its end, its first line for method and path; nothing
 * else of it is looked at. Greetings for all whole heads of a read leave in
 * one write. A file is opened, its head sent with MSG_MORE, so that it
 * shares a segment with the first bytes, and then it is all sendfile; the
 * connection is not read from until the file has been sent. What does not go
 * out at once goes on corked: TCP_NODELAY would send a short segment whenever
 * the peer has made some room, half as many again as are needed.
 *
 * All connections share one receive buffer. A connection has memory of its
 * own only while it has something to keep.
 */
#include "server.h"
#include <sys/sendfile.h>
#include <time.h>

enum { MAX_HEAD = 8 << 10 };

struct conn {
	char *in, *out;            /* input that waits; bytes the peer does not take yet */
	uint32_t in_len, out_at, out_len;
	int file, corked;          /* being sent from at to end, 0 = none */
	off_t at, end;
};

static struct conn *conns;
static char shared[READ_SIZE], answers[READ_SIZE * 12];
static char greeting[256];
static size_t greeting_len;
static time_t greeting_time;
static int ep, root_fd = -1;

static void drop(int fd)
{
	struct conn *c = &conns[fd];
	free(c->in);
	free(c->out);
	if (c->file)
		close(c->file);
	memset(c, 0, sizeof *c);
	close(fd);
}

/* head writes the head of an answer. */
static int head(char *to, size_t size, const char *status, const char *type, long long length)
{
	char date[64];
	time_t now = time(NULL);
	struct tm tm;

	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	return snprintf(to, size, "HTTP/1.1 %s\r\nServer: c\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %lld\r\n\r\n",
			status, date, type, length);
}

/* greet makes the greeting anew when its date is no longer right. */
static void greet(void)
{
	time_t now = time(NULL);
	if (now == greeting_time)
		return;
	greeting_time = now;
	greeting_len = head(greeting, sizeof greeting, "200 OK", "text/plain; charset=utf-8", 13);
	greeting_len += sprintf(greeting + greeting_len, "Hello, World!");
}

/* put sends n bytes and keeps what the peer does not take; -1 if it is gone. */
static int put(int fd, const char *p, size_t n, int flags)
{
	struct conn *c = &conns[fd];
	ssize_t sent = send(fd, p, n, MSG_NOSIGNAL | flags);
	if (sent == (ssize_t)n)
		return 0;
	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		sent = 0;
	}
	if (!(c->out = malloc(n - sent)))
		die("malloc");
	memcpy(c->out, p + sent, n - sent);
	c->out_at = 0;
	c->out_len = n - sent;
	return 0;
}

static void cork(int fd, int on)
{
	conns[fd].corked = on;
	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

/* push sends more of a file; -1 if the peer, or the rest of the file, is gone. */
static int push(int fd)
{
	struct conn *c = &conns[fd];
	while (c->at < c->end) {
		ssize_t n = sendfile(fd, c->file, &c->at, c->end - c->at);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!c->corked)
				cork(fd, 1);
			return 0;
		}
		if (n <= 0)
			return -1;
	}
	if (c->corked)
		cork(fd, 0);
	close(c->file);
	c->file = 0;
	return 0;
}

/* answer_file answers one head, whose first line ends with a NUL. */
static int answer_file(int fd, char *line)
{
	struct conn *c = &conns[fd];
	char text[512], *path = line + 5, *end = strchr(path, ' ');
	struct stat st;
	int file = -1;

	if (end)
		*end = 0;
	if (end && !strstr(path, ".."))
		file = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0 || fstat(file, &st) < 0 || !S_ISREG(st.st_mode)) {
		if (file >= 0)
			close(file);
		return put(fd, text, head(text, sizeof text, "404 Not Found", "text/plain", 0), 0);
	}
	c->file = file;
	c->at = 0;
	c->end = st.st_size;
	int n = head(text, sizeof text, "200 OK", "application/octet-stream", st.st_size);
	if (put(fd, text, n, st.st_size ? MSG_MORE : 0) < 0)
		return -1;
	return c->out ? 0 : push(fd);
}

/* requests answers the whole heads of n bytes at p and returns how many bytes
 * that were, or -1 when the connection must end. */
static int requests(int fd, char *p, int n)
{
	int at = 0;
	size_t len = 0;

	while (at < n && !conns[fd].out && !conns[fd].file) {
		char *end = memmem(p + at, n - at, "\r\n\r\n", 4);
		if (!end) {
			if (n - at > MAX_HEAD)
				return -1;
			break;
		}
		if (memcmp(p + at, "GET /", 5))
			return -1;
		if (root_fd >= 0) {
			*(char *)memchr(p + at, '\r', n - at) = 0;
			if (answer_file(fd, p + at) < 0)
				return -1;
		} else {
			if (len + greeting_len > sizeof answers)
				return -1;
			memcpy(answers + len, greeting, greeting_len);
			len += greeting_len;
		}
		at = end + 4 - p;
	}
	if (len && put(fd, answers, len, 0) < 0)
		return -1;
	return at;
}

/* work answers what is in p, which has n bytes, and keeps the rest. */
static void work(int fd, char *p, int n)
{
	struct conn *c = &conns[fd];
	int done = requests(fd, p, n);
	char *old = c->in;

	if (done < 0) {
		drop(fd);
		return;
	}
	c->in = NULL;
	c->in_len = n - done;
	if (done < n) {
		if (!(c->in = malloc(READ_SIZE)))
			die("malloc");
		memcpy(c->in, p + done, n - done);
	}
	free(old);
	if (c->out || c->file)
		rewatch(ep, fd, 1);
}

static void on_readable(int fd)
{
	struct conn *c = &conns[fd];
	char *p = c->in ? c->in : shared;
	ssize_t n = recv(fd, p + c->in_len, READ_SIZE - c->in_len, 0);
	if (n > 0)
		work(fd, p, c->in_len + n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		drop(fd);
}

static void on_writable(int fd)
{
	struct conn *c = &conns[fd];
	if (c->out) {
		ssize_t n = send(fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				drop(fd);
			return;
		}
		c->out_at += n;
		if (c->out_at < c->out_len)
			return;
		free(c->out);
		c->out = NULL;
	}
	if (c->file && push(fd) < 0) {
		drop(fd);
		return;
	}
	if (c->file)
		return;
	rewatch(ep, fd, 0);
	if (c->in)
		work(fd, c->in, c->in_len);
}

int main(int argc, char **argv)
{
	static struct epoll_event events[MAX_EVENTS];
	const char *root = option(argc, argv, "-root", "");

	if (*root && (root_fd = open(root, O_PATH | O_DIRECTORY)) < 0)
		die("-root");
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), SOCK_NONBLOCK);
	conns = table(MAX_FDS, sizeof *conns);
	ep = epoll_create1(EPOLL_CLOEXEC);
	watch(ep, listener);
	for (;;) {
		int n = epoll_wait(ep, events, MAX_EVENTS, -1);
		greet();
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == listener)
				accept_all(ep, listener);
			else if (conns[fd].out || conns[fd].file)
				on_writable(fd);
			else
				on_readable(fd);
		}
	}
}
