/*
 * load.c - the load generator's command line.
 *
 *   load -m raw|frame -p PORT -s SIZE -c CONNS -d DEPTH -t SECONDS -w WARM
 *        [-pid SERVERPID] [-verify]           closed loop, see load_echo.c
 *   load -m idle -p PORT -c CONNS [-s SIZE] [-silent] [-sources N]
 *                                             hold connections, load_idle.c
 *   load -m file -p PORT -path PATH -k COUNT [-d DEPTH] [-pid SERVERPID]
 *        [-verify -local FILE]                transfer files, load_file.c
 *
 * Each mode prints one line of JSON. C and raw system calls keep its own cost
 * low: on two CPUs a heavy client would set the pace, not the server.
 */
#include "load.h"

int main(int argc, char **argv)
{
	struct options o = {.mode = "raw", .size = 64, .conns = 1, .depth = 1, .time = 1,
			    .warm = 0.1, .sources = 8, .count = 1};

	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];
		if (!strcmp(name, "-verify")) {
			o.verify = 1;
			continue;
		}
		if (!strcmp(name, "-silent")) {
			o.silent = 1;
			continue;
		}
		const char *value = i + 1 < argc ? argv[++i] : "";
		if (!strcmp(name, "-m"))
			o.mode = value;
		else if (!strcmp(name, "-p"))
			o.port = atoi(value);
		else if (!strcmp(name, "-s"))
			o.size = atoi(value);
		else if (!strcmp(name, "-c"))
			o.conns = atoi(value);
		else if (!strcmp(name, "-d"))
			o.depth = atoi(value);
		else if (!strcmp(name, "-t"))
			o.time = atof(value);
		else if (!strcmp(name, "-w"))
			o.warm = atof(value);
		else if (!strcmp(name, "-pid"))
			o.pid = atoi(value);
		else if (!strcmp(name, "-sources"))
			o.sources = atoi(value);
		else if (!strcmp(name, "-path"))
			o.path = value;
		else if (!strcmp(name, "-local"))
			o.local = value;
		else if (!strcmp(name, "-k"))
			o.count = atoi(value);
		else {
			fprintf(stderr, "load: unknown option %s\n", name);
			return 2;
		}
	}
	if (!strcmp(o.mode, "raw") || !strcmp(o.mode, "frame"))
		run_echo(&o);
	else if (!strcmp(o.mode, "idle"))
		run_idle(&o);
	else if (!strcmp(o.mode, "file") && o.path)
		run_file(&o);
	else {
		fprintf(stderr, "load: bad -m, or -m file without -path\n");
		return 2;
	}
	return 0;
}
