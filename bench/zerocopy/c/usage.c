/*
 * usage.c - reads /proc, see usage.h.
 */
#include "usage.h"
#include "../../c/load.h"
#include <dirent.h>

/* text reads a small file of a thread; the empty string if it is gone. */
static const char *text(int pid, const char *thread, const char *name)
{
	static char buf[4096];
	char path[400];

	snprintf(path, sizeof path, "/proc/%d/%s%s/%s", pid, *thread ? "task/" : "", thread, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof buf - 1);
	buf[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
	return buf;
}

static long long number(const char *in, const char *key, long long none)
{
	const char *at = strstr(in, key);
	return at ? strtoll(at + strlen(key), NULL, 10) : none;
}

static DIR *threads(int pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	return opendir(path);
}

struct usage usage_of(int pid)
{
	struct usage u = {.disk = number(text(pid, "", "io"), "\nread_bytes: ", -1)};
	DIR *dir = threads(pid);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		long long minor, major;
		if (e->d_name[0] == '.')
			continue;
		const char *s = text(pid, e->d_name, "status");
		u.voluntary += number(s, "\nvoluntary_ctxt_switches:", 0);
		u.involuntary += number(s, "\nnonvoluntary_ctxt_switches:", 0);
		const char *rest = strrchr(text(pid, e->d_name, "stat"), ')'); /* the name before may hold anything */
		if (rest && sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %lld %*s %lld", &minor, &major) == 2) {
			u.minor += minor;
			u.major += major;
		}
	}
	if (dir)
		closedir(dir);
	return u;
}

/* asleep tells whether no thread runs, or would if it had a CPU, or waits for a disk. */
static int asleep(int pid)
{
	DIR *dir = threads(pid);
	struct dirent *e;
	int all = 1;

	while (dir && all && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		const char *rest = strrchr(text(pid, e->d_name, "stat"), ')');
		all = !rest || !strchr("RD", rest[2]);
	}
	if (dir)
		closedir(dir);
	return all;
}

int settle(int pid)
{
	uint64_t end = now_ns() + 1000000000ull;
	do {
		uint64_t ns = cpu_of(pid).ns;
		if (asleep(pid) && cpu_of(pid).ns == ns)
			return 1;
	} while (now_ns() < end);
	return 0;
}
