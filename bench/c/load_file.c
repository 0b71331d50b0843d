/*
 * load_file.c - request one path COUNT times on one connection, with DEPTH
 * requests outstanding, and account the server's CPU for it.
 *
 * Request: `path\n`. Answer: `OK <size>\n` and the bytes, or `ERR ...\n`. The
 * bytes are dropped in the kernel, or with -verify compared to a local file.
 * One request is made before the measured ones.
 */
#include "load.h"

enum { PIECE = 1 << 20 };

static const struct options *opt;
static const uint8_t *local; /* -verify: the file mapped, and its size */
static uint64_t local_size;
static uint8_t piece[PIECE];

static void map_local(const char *name)
{
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		die(name);
	local_size = st.st_size;
	if (local_size) {
		local = mmap(NULL, local_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (local == MAP_FAILED)
			die("mmap");
	}
	close(fd);
}

static void ask(int fd)
{
	char line[4096];
	int n = snprintf(line, sizeof line, "%s\n", opt->path);
	if (send(fd, line, n, MSG_NOSIGNAL) != n)
		die("send");
}

/* head reads the first line of an answer, and not a byte more. */
static uint64_t head(int fd)
{
	char line[128];
	for (;;) {
		ssize_t n = recv(fd, line, sizeof line - 1, MSG_PEEK);
		if (n <= 0)
			die("no answer");
		line[n] = 0;
		char *eol = strchr(line, '\n');
		if (!eol) {
			if (n == sizeof line - 1)
				die("no end of line in the answer");
			continue;
		}
		if (recv(fd, line, eol + 1 - line, MSG_WAITALL) != eol + 1 - line)
			die("recv");
		*eol = 0;
		if (strncmp(line, "OK ", 3) != 0) {
			fprintf(stderr, "load: the server says: %s\n", line);
			exit(1);
		}
		return strtoull(line + 3, NULL, 10);
	}
}

/* answer takes one whole answer and returns the size of its body. */
static uint64_t answer(int fd)
{
	uint64_t size = head(fd);
	errno = 0;
	if (opt->verify && size != local_size)
		die("the size differs from the local file's");
	for (uint64_t at = 0; at < size;) {
		uint64_t left = size - at;
		ssize_t n = recv(fd, piece, left < PIECE ? left : PIECE, opt->verify ? 0 : MSG_TRUNC);
		if (n <= 0)
			die("the answer ends early");
		if (opt->verify && memcmp(piece, local + at, n) != 0)
			die("the bytes differ from the local file's");
		at += n;
	}
	return size;
}

void run_file(const struct options *o)
{
	static struct hist latency;
	uint64_t bytes = 0;
	int asked = 0;

	opt = o;
	if (o->verify)
		map_local(o->local ? o->local : "");
	int fd = connect_to(o->port, 0);
	ask(fd);
	answer(fd);

	struct cpu cpu = cpu_of(o->pid);
	uint64_t own = own_cpu_ns(), start = now_ns();
	for (; asked < o->depth && asked < o->count; asked++)
		ask(fd);
	uint64_t last = start;
	for (int i = 0; i < o->count; i++) {
		bytes += answer(fd);
		uint64_t now = now_ns();
		hist_add(&latency, now - last, 1);
		last = now;
		if (asked < o->count) {
			ask(fd);
			asked++;
		}
	}
	double seconds = (now_ns() - start) / 1e9, gib = bytes / (double)(1 << 30);
	cpu = cpu_since(cpu, o->pid);
	own = own_cpu_ns() - own;
	double ticks = cpu.user_ticks + cpu.sys_ticks;
	printf("{\"requests\":%d,\"bytes\":%llu,\"seconds\":%.6f,\"cpu_ns_per_request\":%.1f,"
	       "\"cpu_s_per_gib\":%.4f,\"gib_per_s\":%.3f,\"user_share\":%.3f,\"busy_core\":%.3f,"
	       "\"p50_us\":%.1f,\"p99_us\":%.1f,\"own_cpu_s_per_gib\":%.4f}\n",
	       o->count, (unsigned long long)bytes, seconds, (double)cpu.ns / o->count,
	       gib > 0 ? cpu.ns / 1e9 / gib : 0, gib / seconds, ticks ? cpu.user_ticks / ticks : 0,
	       cpu.ns / (seconds * 1e9), hist_us(&latency, .5), hist_us(&latency, .99),
	       gib > 0 ? own / 1e9 / gib : 0);
}
