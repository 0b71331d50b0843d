/*
 * usage.h - what /proc tells about a process besides its CPU time.
 */
#ifndef ROPEWALK_BENCH_USAGE_H
#define ROPEWALK_BENCH_USAGE_H

/* Sums over the threads that there are, proc_pid_status(5) and proc_pid_stat(5); disk is of the process, proc_pid_io(5). */
struct usage {
	long long voluntary, involuntary; /* context switches */
	long long minor, major;           /* page faults; major ones wait for a disk */
	long long disk;                   /* bytes read from disks, -1 if that is not told */
};

struct usage usage_of(int pid);

/* settle waits until all threads of a process sleep; 0 if some still run after a second. */
int settle(int pid);

#endif
