/*
 * load_util.c - clocks, CPU accounting, connecting, percentiles and the line of figures.
 */
#include "load.h"
#include <dirent.h>

void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "failed");
	exit(1);
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t own_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* slurp reads a small /proc file as a string; the empty string if it is gone. */
static void slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);
	buf[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
}

/* cpu_of sums over the threads of a process: run time from schedstat, and
 * utime and stime, the 14th and 15th fields of stat (12th and 13th after the
 * name in brackets, which may itself hold spaces). */
struct cpu cpu_of(int pid)
{
	struct cpu sum = {0};
	char path[320], text[1024];
	DIR *dir;
	struct dirent *e;

	if (pid <= 0)
		return sum;
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	if (!(dir = opendir(path)))
		die(path);
	while ((e = readdir(dir))) {
		unsigned long long ns, user, sys;
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, e->d_name);
		slurp(path, text, sizeof text);
		if (sscanf(text, "%llu", &ns) == 1)
			sum.ns += ns;
		snprintf(path, sizeof path, "/proc/%d/task/%s/stat", pid, e->d_name);
		slurp(path, text, sizeof text);
		char *rest = strrchr(text, ')');
		if (rest && sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu",
				   &user, &sys) == 2) {
			sum.user_ticks += user;
			sum.sys_ticks += sys;
		}
	}
	closedir(dir);
	return sum;
}

struct cpu cpu_since(struct cpu start, int pid)
{
	struct cpu end = cpu_of(pid);
	end.ns -= start.ns;
	end.user_ticks -= start.user_ticks;
	end.sys_ticks -= start.sys_ticks;
	return end;
}

int connect_to(int port, uint32_t source)
{
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in sa = {.sin_family = AF_INET};

	if (fd < 0)
		die("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (source) {
		/* leave the choice of the port to connect, which knows the peer */
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
		sa.sin_addr.s_addr = htonl(source);
		if (bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0)
			die("bind");
	}
	sa.sin_port = htons(port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) < 0)
		die("connect");
	return fd;
}

double hist_us(const struct hist *h, double quantile)
{
	uint64_t seen = 0, rank = quantile * h->count;
	for (int i = 0; i < HIST_SIZE; i++) {
		seen += h->bucket[i];
		if (seen > rank) {
			int shift = i < 2 * HIST_SUB ? 0 : i / HIST_SUB - 1;
			uint64_t low = (uint64_t)(i - shift * HIST_SUB) << shift;
			return (low + ((1ull << shift) - 1) / 2.0) / 1e3;
		}
	}
	return 0;
}

void report(const struct window *w, const struct hist *latency)
{
	double msgs = w->msgs ? w->msgs : 1, ticks = w->cpu.user_ticks + w->cpu.sys_ticks;
	double user = ticks ? w->cpu.user_ticks / ticks : 0;
	printf("{\"msgs\":%llu,\"total_msgs\":%llu,\"seconds\":%.6f,\"cpu_ns_per_msg\":%.1f,"
	       "\"user_ns\":%.1f,\"sys_ns\":%.1f,\"user_ticks\":%llu,\"sys_ticks\":%llu,"
	       "\"busy_core\":%.3f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
	       "\"own_cpu_ns_per_msg\":%.1f}\n",
	       (unsigned long long)w->msgs, (unsigned long long)w->total, w->seconds, w->cpu.ns / msgs,
	       w->cpu.ns / msgs * user, w->cpu.ns / msgs * (1 - user), (unsigned long long)w->cpu.user_ticks,
	       (unsigned long long)w->cpu.sys_ticks, w->cpu.ns / (w->seconds * 1e9), hist_us(latency, .5),
	       hist_us(latency, .99), hist_us(latency, .999), w->own / msgs);
	fflush(stdout);
}
