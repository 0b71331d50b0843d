/*
 * load.c - the load generator's command line.
 *
 *   load -m raw|frame -p PORT -s SIZE -c CONNS -d DEPTH -t SECONDS -w WARM
 *        [-k COUNT] [-pid SERVERPID] [-verify]
 *                                             closed loop, see load_echo.c
 *   load -m raw|frame -rate PERSECOND [-gaps random|fixed] -p PORT -s SIZE
 *        -c CONNS -t SECONDS -w WARM [-pid SERVERPID]
 *                                             open loop, see load_open.c
 *   load -m idle -p PORT -c CONNS [-s SIZE] [-silent] [-sources N]
 *                                             hold connections, load_idle.c
 *   load -m file -p PORT -path PATH -k COUNT [-d DEPTH] [-pid SERVERPID]
 *        [-verify -local FILE]                transfer files, load_file.c
 *   load -m http -p PORT -path PATH -c CONNS -d DEPTH -t SECONDS -w WARM
 *        [-k COUNT] [-pid SERVERPID]          GET over HTTP/1.1, load_pairs.c
 *   load -m ws -p PORT -s SIZE -c CONNS -d DEPTH -t SECONDS -w WARM
 *        [-pid SERVERPID]                     WebSocket echo, load_pairs.c
 *   load -m ws-idle -p PORT -c CONNS [-s SIZE] [-sources N]
 *                                             hold WebSockets, load_ws.c
 *   load -m fan|framefan -p PORT -c CONNS -s SIZE [-sources N] [-pid SERVERPID]
 *                                             broadcasts, load_fan.c
 *   load -m conns -p PORT -c CONNS -s SIZE -t SECONDS -w WARM [-k COUNT]
 *        [-close rst|fin] [-sources N] [-pid SERVERPID]
 *                                             connect and close, load_conns.c
 *
 * Each mode prints one line of JSON (fan and framefan one for each line they read). C and raw system calls keep its own cost
 * low: on two CPUs a heavy client would set the pace, not the server.
 */
#include "load.h"
#include <sys/resource.h>

int main(int argc, char **argv)
{
	struct options o = {.mode = "raw", .size = 64, .conns = 1, .depth = 1, .time = 1,
			    .warm = 0.1, .sources = 8};
	struct rlimit files;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) { /* as many connections as are allowed */
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
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
		else if (!strcmp(name, "-rate"))
			o.rate = atof(value);
		else if (!strcmp(name, "-gaps"))
			o.fixed = !strcmp(value, "fixed");
		else if (!strcmp(name, "-k"))
			o.count = atoi(value);
		else if (!strcmp(name, "-close") && (!strcmp(value, "rst") || !strcmp(value, "fin")))
			o.graceful = !strcmp(value, "fin");
		else {
			fprintf(stderr, "load: unknown option %s\n", name);
			return 2;
		}
	}
	if (o.rate > 0 && (!strcmp(o.mode, "raw") || !strcmp(o.mode, "frame")))
		run_open(&o);
	else if (!strcmp(o.mode, "raw") || !strcmp(o.mode, "frame"))
		run_echo(&o);
	else if (!strcmp(o.mode, "idle"))
		run_idle(&o);
	else if (!strcmp(o.mode, "file") && o.path && o.count > 0)
		run_file(&o);
	else if ((!strcmp(o.mode, "http") && o.path) || !strcmp(o.mode, "ws"))
		run_pairs(&o);
	else if (!strcmp(o.mode, "ws-idle"))
		run_ws_idle(&o);
	else if (!strcmp(o.mode, "fan") || !strcmp(o.mode, "framefan"))
		run_fan(&o);
	else if (!strcmp(o.mode, "conns"))
		run_conns(&o);
	else {
		fprintf(stderr, "load: bad -m, or file or http without -path, or file without -k\n");
		return 2;
	}
	return 0;
}
