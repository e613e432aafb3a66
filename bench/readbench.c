/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks all frames of the captures named and counts them: what reading alone costs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "capture/input.h"

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void say_files(const struct cl_input *in)
{
	size_t n;
	const struct cl_input_file *f = cl_input_files(in, &n);

	for (size_t i = 0; i < n; i++)
		printf("%s\tpackets %" PRIu64 "\tout of order %" PRIu64 "\thash %016" PRIx64 "%016" PRIx64
		       "\t%s\n",
		       f[i].path, f[i].packets, f[i].out_of_order, f[i].hash[0], f[i].hash[1],
		       f[i].duplicate	    ? "duplicate"
		       : f[i].error != NULL ? f[i].error
					    : "");
}

int main(int argc, char **argv)
{
	const struct cl_frame *frames;
	struct cl_input_opts opts = { .hash = false };
	struct cl_input *in;
	uint64_t packets = 0, bytes = 0, sum = 0;
	int64_t last = INT64_MIN;
	uint64_t backwards = 0;
	size_t n;
	int at = 1;

	for (; at < argc && argv[at][0] == '-' && argv[at][1] == '-'; at++) {
		opts.hash = opts.hash || strcmp(argv[at], "--hash") == 0;
		opts.no_reorder = opts.no_reorder || strcmp(argv[at], "--no-reorder") == 0;
	}
	in = cl_input_open((const char *const *)(argv + at), (size_t)(argc - at), &opts);
	if (in == NULL)
		return 2;
	while ((n = cl_input_next(in, &frames)) > 0) {
		for (size_t i = 0; i < n; i++) {
			bytes += frames[i].wire_len;
			sum += frames[i].cap_len > 0 ? frames[i].data[0] : 0u;
			backwards += frames[i].time_ns < last && frames[i].flags == 0;
			last = frames[i].flags == 0 ? frames[i].time_ns : last;
		}
		packets += n;
	}
	say_files(in);
	cl_input_close(in);
	printf("packets %" PRIu64 " bytes %" PRIu64 " backwards %" PRIu64 " sum %" PRIu64 " cpu %.3f s\n",
	       packets, bytes, backwards, sum, cpu_seconds());
	return 0;
}
