/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Captures on interfaces as the program does, without its counting, until SIGTERM or SIGINT: for tests over
 * veth and for measurements.
 *
 *   livetap [-b OCTETS] [-s SNAPLEN] [-i] [-a] [-t CLOCK] [-f EXPR] [-F] [-d] [-p SECONDS] [-w FILE] [-m]
 * IFACE...
 *
 * -a: interfaces may be absent; -f: expression; -F: no filter for our ports; -d: dissects; -p: reads nothing
 * for so long at first; -w: all frames to a pcap file; -S: and to a ring of 4 MiB; -m: resident memory each
 * million packets. One line of JSON at the end for each interface, and for each event as it happens on
 * standard error.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/live.h"
#include "capture/octets.h"
#include "capture/save.h"
#include "dissect/dissect.h"

static struct cl_live *live;

static void on_signal(int sig)
{
	(void)sig;
	cl_live_stop(live);
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void say_memory(uint64_t packets)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size, resident = 0;

	if (f == NULL)
		return;
	if (fscanf(f, "%ld %ld", &size, &resident) == 2)
		fprintf(stderr, "{\"packets\": %" PRIu64 ", \"resident_kib\": %ld}\n", packets,
			resident * (sysconf(_SC_PAGESIZE) / 1024));
	fclose(f);
}

static void say_events(void)
{
	static const char *const names[] = { [CL_LIVE_CAME_UP] = "up",
					     [CL_LIVE_WENT_DOWN] = "down",
					     [CL_LIVE_WENT_AWAY] = "gone",
					     [CL_LIVE_CANNOT_OPEN] = "cannot_open",
					     [CL_LIVE_NO_FILTER] = "no_filter",
					     [CL_LIVE_CLOCK_STEPPED] = "clock_stepped",
					     [CL_LIVE_CLOCK_OTHER] = "clock_other" };
	struct cl_live_event e;

	while (cl_live_event(live, &e))
		fprintf(stderr,
			"{\"event\": \"%s\", \"interface\": %u, \"step_ns\": %" PRId64
			", \"text\": \"%s\"}\n",
			names[e.what], e.interface, e.step_ns, e.text);
}

static FILE *out;

static void write_header(uint32_t linktype)
{
	uint8_t h[24] = { 0 };

	cl_put32(h, 0xa1b23c4du);
	h[4] = 2;
	h[6] = 4;
	cl_put32(h + 16, 262144);
	cl_put32(h + 20, linktype);
	fwrite(h, 1, sizeof h, out);
}

static void write_frame(const struct cl_frame *f)
{
	uint8_t h[16];

	cl_put32(h, (uint32_t)(f->time_ns / 1000000000));
	cl_put32(h + 4, (uint32_t)(f->time_ns % 1000000000));
	cl_put32(h + 8, f->cap_len);
	cl_put32(h + 12, f->wire_len);
	fwrite(h, 1, sizeof h, out);
	fwrite(f->data, 1, f->cap_len, out);
}

static struct cl_save *ring;

static struct cl_save *open_ring(const char *dir, char **interfaces, int n)
{
	const struct cl_save_options o = { .bytes = 4 << 20,
					   .interfaces = (const char *const *)interfaces,
					   .interface_count = (size_t)n,
					   .wait = true };
	char err[CL_ERROR_SIZE];
	struct cl_save *s = cl_save_open(dir, &o, err, sizeof err);

	if (s == NULL)
		fprintf(stderr, "livetap: %s: %s\n", dir, err);
	return s;
}

static void close_ring(void)
{
	for (size_t i = 0; ring != NULL && i < cl_live_interfaces(live); i++) {
		struct cl_live_counts c;

		cl_live_counts(live, i, &c);
		cl_save_drops(ring, i, c.dropped_kernel, c.dropped_interface);
	}
	cl_save_close(ring);
}

static uint64_t messages;

static struct cl_event_room room_for(void *ctx, size_t n)
{
	static struct cl_event events[256];

	(void)ctx;
	messages += n;
	return (struct cl_event_room){ .events = events, .count = 256 };
}

/* What one reads of them, but octets. */
static struct {
	uint64_t packets, backwards, late;
	int64_t last_ns;
} seen;

static void look(const struct cl_frame *frames, size_t n, struct cl_dissector *d, bool memory)
{
	for (size_t i = 0; i < n; i++) {
		const struct cl_frame *f = &frames[i];

		if ((f->flags & CL_FF_OUT_OF_ORDER) != 0)
			seen.late++;
		else if (f->time_ns < seen.last_ns)
			seen.backwards++;
		else
			seen.last_ns = f->time_ns;
		if (seen.packets++ == 0 && out != NULL)
			write_header(f->linktype);
		if (out != NULL)
			write_frame(f);
		if (memory && seen.packets % 1000000 == 0)
			say_memory(seen.packets);
	}
	if (ring != NULL)
		cl_save_put(ring, frames, n);
	if (d != NULL)
		cl_dissector_feed(d, frames, n);
}

static void say_counts(void)
{
	static const char *const states[] = {
		[CL_LIVE_UP] = "up", [CL_LIVE_DOWN] = "down", [CL_LIVE_GONE] = "gone"
	};

	for (size_t i = 0; i < cl_live_interfaces(live); i++) {
		struct cl_live_counts c;

		cl_live_counts(live, i, &c);
		printf("{\"interface\": \"%s\", \"received\": %" PRIu64 ", \"bytes\": %" PRIu64
		       ", \"dropped_kernel\": %" PRIu64 ", \"dropped_interface\": %" PRIu64
		       ", \"out_of_order\": %" PRIu64 ", \"opened\": %" PRIu64
		       ", \"state\": \"%s\", \"linktype\": %u, \"filtered\": %s, \"clock\": \"%s\"}\n",
		       c.interface, c.received, c.bytes, c.dropped_kernel, c.dropped_interface,
		       c.out_of_order, c.opened, states[c.state], c.linktype, c.filtered ? "true" : "false",
		       c.clock);
	}
	printf("{\"given\": %" PRIu64 ", \"backwards\": %" PRIu64 ", \"late\": %" PRIu64
	       ", \"messages\": %" PRIu64 ", \"cpu_s\": %.3f}\n",
	       seen.packets, seen.backwards, seen.late, messages, cpu_seconds());
}

int main(int argc, char **argv)
{
	static uint16_t udp[256], tcp[256];
	const struct cl_limits limits = { .hash_seed = 1 };
	struct cl_live_options o = { .udp_ports = udp, .tcp_ports = tcp };
	const struct cl_frame *frames;
	struct cl_dissector *d = NULL;
	bool dissect = false, memory = false;
	unsigned pause_s = 0;
	const char *folder = NULL;
	char err[CL_ERROR_SIZE];
	size_t n;
	int c;

	o.udp_port_count = cl_udp_ports(&limits, udp, 256);
	o.tcp_port_count = cl_tcp_ports(&limits, tcp, 256);
	while ((c = getopt(argc, argv, "b:s:iat:f:Fdp:w:S:m")) != -1) {
		switch (c) {
		case 'b':
			o.buffer = strtoul(optarg, NULL, 0);
			break;
		case 's':
			o.snaplen = (uint32_t)strtoul(optarg, NULL, 0);
			break;
		case 'i':
			o.immediate = true;
			break;
		case 'a':
			o.may_be_absent = true;
			break;
		case 't':
			o.clock = optarg;
			break;
		case 'f':
			o.filter = optarg;
			break;
		case 'F':
			o.udp_ports = NULL;
			break;
		case 'd':
			dissect = true;
			break;
		case 'p':
			pause_s = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 'w':
			out = fopen(optarg, "wb");
			break;
		case 'S':
			folder = optarg;
			break;
		case 'm':
			memory = true;
			break;
		default:
			return 2;
		}
	}
	live = cl_live_open((const char *const *)(argv + optind), (size_t)(argc - optind), &o, err,
			    sizeof err);
	if (live == NULL) {
		fprintf(stderr, "livetap: %s\n", err);
		return 1;
	}
	if (folder != NULL && (ring = open_ring(folder, argv + optind, argc - optind)) == NULL)
		return 1;
	if (dissect)
		d = cl_dissector_new(&limits, room_for, NULL);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	fprintf(stderr, "{\"event\": \"ready\"}\n");
	sleep(pause_s);
	while (!cl_live_ended(live)) {
		n = cl_live_next(live, &frames);
		look(frames, n, d, memory);
		if (n == 0)
			say_events();
	}
	say_events();
	if (d != NULL)
		cl_dissector_finish(d);
	if (out != NULL)
		fclose(out);
	say_counts();
	close_ring();
	cl_dissector_free(d);
	cl_live_close(live);
	return 0;
}
