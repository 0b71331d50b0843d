/*
 * send.c - sends files by the way that it is told, one way for each process.
 *
 *   send -way NAME -root DIR [-tap FILE] [-p PORT]
 *
 * A client sends lines `name\n` and gets the bytes of that file, nothing before and nothing after, so that the system calls are
 * those of the way and one recv. All files of DIR are opened before the first client comes, and stay open.
 * Whoever asks for a file that is not there is disconnected.
 *
 * SIGTERM ends it with a line that tells of notices, see send.h. A way that this system cannot do ends the program at once with
 * the reason.
 */
#include "send.h"
#include <dirent.h>
#include <pthread.h>

enum { MAX_FILES = 64 };

static const struct way *ways[] = {
	&way_copy, &way_mmap, &way_sendfile, &way_loop, &way_splice, &way_splice_large, &way_tee,
	&way_direct, &way_zerocopy, &way_ring_send_zc, &way_ring_splice,
};
static const struct way *way;

static struct file {
	char name[256];
	int fd;
	uint64_t size;
} files[MAX_FILES];
static int file_count;

int tap_fd;
uint64_t notices, notices_copied;

int send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return -1;
		p += w;
		n -= w;
	}
	return 0;
}

void pipe_of(int pair[2], int size)
{
	if (pipe2(pair, O_CLOEXEC) < 0 || (size != SMALL_PIPE && fcntl(pair[1], F_SETPIPE_SZ, size) < 0))
		die("pipe");
}

/* open_files opens what is in the folder, and reads a block if that might be refused (O_DIRECT). */
static void open_files(const char *root)
{
	DIR *dir = opendir(root);
	struct dirent *e;
	struct stat st;
	void *block;

	if (!dir || posix_memalign(&block, DIRECT_ALIGN, DIRECT_ALIGN) != 0)
		die(root);
	while ((e = readdir(dir)) && file_count < MAX_FILES) {
		struct file *f = &files[file_count];
		if (fstatat(dirfd(dir), e->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
			continue;
		f->fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC | way->file_flags);
		if (f->fd < 0)
			die(way->file_flags ? "the file system has no O_DIRECT" : e->d_name);
		if (way->file_flags && pread(f->fd, block, DIRECT_ALIGN, 0) < 0)
			die("reading with O_DIRECT");
		f->size = st.st_size;
		snprintf(f->name, sizeof f->name, "%s", e->d_name);
		file_count++;
	}
	free(block);
	closedir(dir);
}

static int find(const char *name, uint64_t *size)
{
	for (int i = 0; i < file_count; i++)
		if (strcmp(files[i].name, name) == 0) {
			*size = files[i].size;
			return files[i].fd;
		}
	return -1;
}

static int answer(struct conn *c, const char *name)
{
	uint64_t size;
	int file = find(name, &size);
	return file < 0 ? -1 : way->send(c, file, size);
}

/* serve reads lines from one connection and answers them in order. */
static void *serve(void *arg)
{
	struct conn c = {.fd = (int)(intptr_t)arg};
	char line[4096];
	size_t len = 0;

	if (way->prepare)
		way->prepare(&c);
	while (len < sizeof line) {
		ssize_t n = recv(c.fd, line + len, sizeof line - len, 0);
		if (n <= 0)
			break;
		len += n;
		char *at = line, *eol;
		while ((eol = memchr(at, '\n', line + len - at))) {
			*eol = 0;
			if (answer(&c, at) < 0)
				goto done;
			at = eol + 1;
		}
		len = line + len - at;
		memmove(line, at, len);
	}
done:
	free(c.buffer);
	for (int i = 0; i < 2; i++) {
		if (c.pipe_size)
			close(c.pipe[i]);
		if (c.second[i])
			close(c.second[i]);
	}
	if (c.ring.entries)
		close(c.ring.fd);
	close(c.fd);
	return NULL;
}

/* wait_for_end is a thread that sleeps until SIGTERM comes. */
static void *wait_for_end(void *set)
{
	int which;
	sigwait(set, &which);
	printf("notices %llu copied %llu\n", (unsigned long long)__atomic_load_n(&notices, __ATOMIC_RELAXED),
	       (unsigned long long)__atomic_load_n(&notices_copied, __ATOMIC_RELAXED));
	exit(0);
}

int main(int argc, char **argv)
{
	const char *name = option(argc, argv, "-way", "");
	static sigset_t term;
	pthread_t t;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(ways[i]->name, name) == 0)
			way = ways[i];
	if (!way) {
		fprintf(stderr, "no -way %s\n", name);
		return 2;
	}
	if (way->probe && way->probe() < 0)
		die(name);
	tap_fd = open(option(argc, argv, "-tap", "/dev/null"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (tap_fd < 0)
		die("-tap");
	open_files(option(argc, argv, "-root", "."));
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &term, NULL);
	if (pthread_create(&t, NULL, wait_for_end, &term) != 0)
		die("pthread_create");
	int listener = listen_on(atoi(option(argc, argv, "-p", "0")), 0);

	if (!way->send)
		serve_loop(listener, find);
	for (;;) {
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
