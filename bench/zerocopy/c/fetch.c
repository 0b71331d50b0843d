/*
 * fetch.c - asks a sender for one file, over and over on one connection, and tells what that has cost the sender.
 *
 *   fetch -p PORT -pid SENDERPID -name NAME -local FILE
 *
 * It asks for the file "ready", which has one byte, so that the sender has a thread for it, and prints "ready". Then each line
 * `COUNT warm|cold` makes COUNT requests, one after the other, and prints a line of JSON. The bytes are dropped in the kernel
 * (MSG_TRUNC), so what is measured is the sender's side.
 *
 * warm: before the first request every page of FILE is read into the page cache.
 * cold: before each request FILE is dropped from it, and how many pages were left all the same is counted (cachestat(2), or
 * mincore(2) before Linux 6.5).
 *
 * A request takes from its `send` to its last byte. The sender's CPU time counts from before the first to when all its threads
 * sleep again, so what it does when the last byte has gone is counted too.
 */
#include "../../c/load.h"
#include "usage.h"
#include <sched.h>
#include <sys/syscall.h>

enum { PIECE = 1 << 20 };

#define READY "ready"

static uint8_t piece[PIECE];

struct range {
	uint64_t off, len;
};

struct cachestat { /* cachestat(2); headers before 6.5 do not know it */
	uint64_t cache, dirty, writeback, evicted, recently_evicted;
};

static long pages_of(uint64_t size)
{
	long page = sysconf(_SC_PAGESIZE);
	return (size + page - 1) / page;
}

/* resident counts the pages of a file that are in the page cache; -1 if nobody tells. */
static long resident(int file, uint64_t size)
{
	struct range all = {0, size};
	struct cachestat s;
	long pages = pages_of(size), n = 0;

	if (syscall(451, file, &all, &s, 0) == 0)
		return s.cache;
	void *p = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
	unsigned char *in = malloc(pages);
	if (p == MAP_FAILED || !in || mincore(p, size, in) < 0)
		return -1;
	for (long i = 0; i < pages; i++)
		n += in[i] & 1;
	free(in);
	munmap(p, size);
	return n;
}

static void warm(int file, uint64_t size)
{
	if (resident(file, size) == pages_of(size))
		return;
	for (uint64_t at = 0; at < size; at += PIECE)
		if (pread(file, piece, PIECE, at) <= 0)
			die("reading the file");
}

/*
 * release_pages has the network let go of pages that it has sent. The sender's socket keeps them until they are acknowledged,
 * which may be put off for 40 ms. And each CPU keeps packets that were read elsewhere until the next packet comes: give it one.
 */
static void release_pages(int fd)
{
	static int self = -1;
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof sa;
	cpu_set_t own, one;
	int yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
	if (self < 0) {
		self = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (self < 0 || bind(self, (struct sockaddr *)&sa, len) < 0 ||
		    getsockname(self, (struct sockaddr *)&sa, &len) < 0 || connect(self, (struct sockaddr *)&sa, len) < 0)
			die("a socket to oneself");
	}
	if (sched_getaffinity(0, sizeof own, &own) < 0)
		return;
	for (int i = 0; i < sysconf(_SC_NPROCESSORS_ONLN); i++) {
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		if (sched_setaffinity(0, sizeof one, &one) == 0 && send(self, "", 1, 0) == 1)
			recv(self, piece, 1, 0);
	}
	sched_setaffinity(0, sizeof own, &own);
}

/*
 * chill drops a file from the page cache, and returns how many pages have stayed: those that somebody still refers to. When it
 * has waited for them in vain it does not do so again: a file in memory (tmpfs) never gets cold.
 */
static long chill(int fd, int file, uint64_t size)
{
	static int patience = 100;
	long left = 0;
	for (int tries = 0; tries < patience; tries++) {
		release_pages(fd);
		if (posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
			die("posix_fadvise");
		if ((left = resident(file, size)) <= 0)
			break;
		if (tries > 3)
			usleep(1000);
	}
	patience = left > 0 ? 2 : 100;
	return left;
}

/* request asks for the file and takes size bytes; it returns how long that took. */
static uint64_t request(int fd, const char *name, uint64_t size)
{
	char line[4096];
	int len = snprintf(line, sizeof line, "%s\n", name);
	uint64_t start = now_ns();

	if (send(fd, line, len, MSG_NOSIGNAL) != len)
		die("send");
	for (uint64_t at = 0; at < size;) {
		uint64_t left = size - at;
		ssize_t n = recv(fd, piece, left < PIECE ? left : PIECE, MSG_TRUNC);
		errno = n == 0 ? 0 : errno;
		if (n <= 0)
			die("the sender has left");
		at += n;
	}
	return now_ns() - start;
}

static void measure(int fd, int pid, const char *name, int file, uint64_t size, long count, int cold)
{
	struct hist *times = calloc(1, sizeof *times);
	uint64_t spent = 0;
	long there = 0;

	if (!times)
		die("calloc");
	if (!cold)
		warm(file, size);
	settle(pid);
	uint64_t own = own_cpu_ns();
	struct cpu cpu = cpu_of(pid);
	struct usage before = usage_of(pid), after;
	for (long i = 0; i < count; i++) {
		if (cold) {
			settle(pid);
			there += chill(fd, file, size);
		} else if (i == 0)
			there = resident(file, size) * count;
		uint64_t t = request(fd, name, size);
		spent += t;
		hist_add(times, t, 1);
	}
	int settled = settle(pid);
	cpu = cpu_since(cpu, pid);
	after = usage_of(pid);
	printf("{\"requests\":%ld,\"bytes\":%llu,\"seconds\":%.9f,\"cpu_ns\":%llu,\"user_ticks\":%llu,\"sys_ticks\":%llu,"
	       "\"voluntary\":%lld,\"involuntary\":%lld,\"minor_faults\":%lld,\"major_faults\":%lld,\"disk_bytes\":%lld,"
	       "\"pages\":%lld,\"resident\":%ld,\"p50_us\":%.1f,\"p99_us\":%.1f,\"own_cpu_ns\":%llu,\"settled\":%s}\n",
	       count, (unsigned long long)size * count, spent / 1e9, (unsigned long long)cpu.ns,
	       (unsigned long long)cpu.user_ticks, (unsigned long long)cpu.sys_ticks, after.voluntary - before.voluntary,
	       after.involuntary - before.involuntary, after.minor - before.minor, after.major - before.major,
	       after.disk < 0 ? -1 : after.disk - before.disk, (long long)pages_of(size) * count, there,
	       hist_us(times, .5), hist_us(times, .99), (unsigned long long)(own_cpu_ns() - own), settled ? "true" : "false");
	fflush(stdout);
	free(times);
}

static const char *option(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return "";
}

int main(int argc, char **argv)
{
	const char *name = option(argc, argv, "-name"), *local = option(argc, argv, "-local");
	int pid = atoi(option(argc, argv, "-pid")), file = open(local, O_RDONLY | O_CLOEXEC);
	char line[64], state[8];
	struct stat st;
	long count;

	signal(SIGPIPE, SIG_IGN);
	if (file < 0 || fstat(file, &st) < 0)
		die(local);
	int fd = connect_to(atoi(option(argc, argv, "-p")), 0);
	request(fd, READY, 1);
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		if (sscanf(line, "%ld %7s", &count, state) != 2 || count <= 0) {
			fprintf(stderr, "fetch: not COUNT warm|cold: %s", line);
			return 2;
		}
		measure(fd, pid, name, file, st.st_size, count, strcmp(state, "cold") == 0);
	}
}
