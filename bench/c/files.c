/*
 * files.c - the floors for file transfer, by two ways of sending:
 *
 *   files -root DIR -mode sendfile|readwrite [-p PORT]
 *
 * The client sends lines `path\n`; each is answered by `OK <size>\n` and the
 * bytes of the file, or by `ERR <reason>\n`. Connections are kept and
 * requests may be pipelined.
 *
 * sendfile:  send(header, MSG_MORE), then sendfile: bytes never reach user
 *            space, and the header shares a segment with the first bytes.
 * readwrite: the classic copy, read() and write() through a 64 KiB buffer.
 *
 * A blocking thread for each connection: no readiness calls at all, which is
 * the cheapest way to push one file to one peer.
 */
#include "server.h"
#include <pthread.h>
#include <sys/sendfile.h>

static int root_fd;
static int use_sendfile;

/* send_all writes n bytes to a blocking socket; 0, or -1 if the peer left. */
static int send_all(int fd, const char *p, size_t n, int flags)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, flags | MSG_NOSIGNAL);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return -1;
		p += w;
		n -= w;
	}
	return 0;
}

static int by_sendfile(int fd, int file, off_t size)
{
	off_t at = 0;
	while (at < size) {
		ssize_t n = sendfile(fd, file, &at, size - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
	}
	return 0;
}

static int by_copy(int fd, int file, off_t size, char *buf)
{
	while (size > 0) {
		ssize_t n = read(file, buf, READ_SIZE);
		if (n <= 0)
			return -1;
		if (n > size)
			n = size; /* the file has grown: keep the promise */
		if (send_all(fd, buf, n, 0) < 0)
			return -1;
		size -= n;
	}
	return 0;
}

/* answer serves one request; -1 ends the connection. */
static int answer(int fd, const char *path, char *buf)
{
	char head[64];
	struct stat st;
	int result, file = -1;

	while (*path == '/')
		path++;
	if (!strstr(path, ".."))
		file = openat(root_fd, path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &st) < 0 || !S_ISREG(st.st_mode)) {
		if (file >= 0)
			close(file);
		return send_all(fd, "ERR not found\n", 14, 0);
	}
	int n = snprintf(head, sizeof head, "OK %lld\n", (long long)st.st_size);
	result = send_all(fd, head, n, st.st_size ? MSG_MORE : 0);
	if (result == 0)
		result = use_sendfile ? by_sendfile(fd, file, st.st_size)
				      : by_copy(fd, file, st.st_size, buf);
	close(file);
	return result;
}

/* serve reads lines from one connection and answers them in order. */
static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char line[4096], *buf = malloc(READ_SIZE);
	size_t len = 0;

	while (len < sizeof line) {
		ssize_t n = recv(fd, line + len, sizeof line - len, 0);
		if (n <= 0)
			break;
		len += n;
		char *at = line, *eol;
		while ((eol = memchr(at, '\n', line + len - at))) {
			*eol = 0;
			if (answer(fd, at, buf) < 0)
				goto done;
			at = eol + 1;
		}
		len = line + len - at;
		memmove(line, at, len);
	}
done:
	free(buf);
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	use_sendfile = strcmp(option(argc, argv, "-mode", "sendfile"), "sendfile") == 0;
	root_fd = open(option(argc, argv, "-root", "."), O_PATH | O_DIRECTORY);
	if (root_fd < 0)
		die("-root");
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), 0);

	for (;;) {
		pthread_t t;
		int one = 1;
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if (pthread_create(&t, NULL, serve, (void *)(intptr_t)fd) != 0)
			close(fd);
		else
			pthread_detach(t);
	}
}
