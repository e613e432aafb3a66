/* SPDX-License-Identifier: BSD-2-Clause */
/* An interface through libpcap: opened as asked, its filter, its state. */
#include "capture/live_device.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "capture/linktype.h"
#include "capture/live_filter.h"

/* Opening --------------------------------------------------------------------- */

/* Of several lines the first. */
static void say(char out[CL_ERROR_SIZE], const char *words)
{
	const size_t n = strcspn(words, "\n");

	snprintf(out, CL_ERROR_SIZE, "%.*s", (int)(n < CL_ERROR_SIZE ? n : CL_ERROR_SIZE - 1), words);
}

/* The type of time stamps to ask for; -1: none in particular. */
static int choose_clock(pcap_t *p, const char *asked, struct cl_live_opened *out)
{
	const int wanted = asked != NULL ? pcap_tstamp_type_name_to_val(asked) : PCAP_TSTAMP_ADAPTER;
	int *types = NULL, n = pcap_list_tstamp_types(p, &types), found = -1;

	for (int i = 0; i < n; i++)
		if (types[i] == wanted)
			found = wanted;
	if (n > 0)
		pcap_free_tstamp_types(types);
	if (found < 0 && asked != NULL && wanted != PCAP_TSTAMP_HOST)
		say(out->other_clock, pcap_tstamp_type_val_to_name(PCAP_TSTAMP_HOST));
	return found;
}

static void prepare(pcap_t *p, const struct cl_live_options *o, struct cl_live_opened *out)
{
	const int clock = choose_clock(p, o->clock, out);
	const size_t buffer = o->buffer > 0 ? o->buffer : CL_LIVE_BUFFER;

	pcap_set_snaplen(p, o->snaplen > 0 ? (int)o->snaplen : (int)CL_RECORD_MAX);
	pcap_set_promisc(p, !o->not_promiscuous);
	pcap_set_timeout(p, CL_LIVE_RETIRE_MS);
	pcap_set_immediate_mode(p, o->immediate);
	pcap_set_buffer_size(p, buffer < INT32_MAX ? (int)buffer : INT32_MAX);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	if (clock >= 0 && clock != PCAP_TSTAMP_HOST && pcap_set_tstamp_type(p, clock) == 0)
		snprintf(out->clock, sizeof out->clock, "%s", pcap_tstamp_type_val_to_name(clock));
	else
		snprintf(out->clock, sizeof out->clock, "%s", pcap_tstamp_type_val_to_name(PCAP_TSTAMP_HOST));
}

/* libpcap's words, or what its code means. */
static void say_error(pcap_t *p, int status, struct cl_live_opened *out)
{
	const char *words = pcap_geterr(p);

	out->absent = status == PCAP_ERROR_NO_SUCH_DEVICE || status == PCAP_ERROR_IFACE_NOT_UP;
	out->denied = status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED;
	if (status == PCAP_ERROR_IFACE_NOT_UP)
		out->state = CL_LIVE_DOWN;
	if (out->denied)
		words = "may not be captured on: run as root, or with CAP_NET_RAW";
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		words = "there is no such interface";
	else if (status == PCAP_ERROR_IFACE_NOT_UP)
		words = "is down";
	else if (words[0] == '\0' || status != PCAP_ERROR)
		words = pcap_statustostr(status);
	say(out->error, words);
}

static bool has_program(uint16_t linktype)
{
	return linktype == CL_LINKTYPE_ETHERNET || linktype == CL_LINKTYPE_RAW ||
	       linktype == CL_LINKTYPE_LINUX_SLL || linktype == CL_LINKTYPE_LINUX_SLL2;
}

static bool set_program(pcap_t *p, const struct cl_live_options *o, struct cl_live_opened *out)
{
	const struct cl_live_ports ports = { o->udp_ports, o->tcp_ports, o->udp_port_count,
					     o->tcp_port_count };
	const bool asked = o->filter != NULL && o->filter[0] != '\0';
	struct bpf_program user = { 0 }, all = { 0 };
	const char *why = NULL;

	if (asked && pcap_compile(p, &user, o->filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		why = pcap_geterr(p);
	else if (!cl_live_program(&all, out->linktype, &ports, asked ? &user : NULL))
		why = "out of memory";
	else if (pcap_setfilter(p, &all) != 0)
		why = pcap_geterr(p);
	if (why != NULL)
		say(out->no_filter, why);
	free(all.bf_insns);
	if (user.bf_insns != NULL)
		pcap_freecode(&user);
	return why == NULL;
}

/* Only the programs that were made for the link type are set: the rest is sorted out when it has come. */
static void set_filter(pcap_t *p, const struct cl_live_options *o, struct cl_live_opened *out)
{
	if (o->udp_ports == NULL || o->tcp_ports == NULL)
		return;
	if (has_program(out->linktype))
		out->filtered = set_program(p, o, out);
	else
		snprintf(out->no_filter, sizeof out->no_filter, "link type %u has none", out->linktype);
}

pcap_t *cl_live_device_open(const char *interface, const struct cl_live_options *o,
			    struct cl_live_opened *out)
{
	char err[PCAP_ERRBUF_SIZE] = "";
	pcap_t *p;
	int status;

	*out = (struct cl_live_opened){ .state = CL_LIVE_GONE };
	p = pcap_create(interface, err);
	if (p == NULL) {
		say(out->error, err);
		return NULL;
	}
	prepare(p, o, out);
	status = pcap_activate(p);
	if (status == PCAP_WARNING_TSTAMP_TYPE_NOTSUP) {
		say(out->other_clock, "host");
		snprintf(out->clock, sizeof out->clock, "host");
	}
	if (status < 0 || pcap_setnonblock(p, 1, err) != 0) {
		if (status < 0)
			say_error(p, status, out);
		else
			say(out->error, err);
		pcap_close(p);
		return NULL;
	}
	out->linktype =
		cl_linktype_of_file((uint32_t)pcap_datalink(p)); /* DLT_ value: the same but for BSD's */
	out->index = if_nametoindex(interface);
	set_filter(p, o, out);
	out->state = cl_live_device_state(p, interface, out->index);
	return p;
}

/* State ------------------------------------------------------------------------ */

enum cl_live_state cl_live_device_state(pcap_t *p, const char *interface, unsigned index)
{
	const int fd = pcap_fileno(p);
	struct ifreq r;

	if (index == 0 || fd < 0 || strlen(interface) >= sizeof r.ifr_name)
		return CL_LIVE_UP;
	memset(&r, 0, sizeof r);
	memcpy(r.ifr_name, interface, strlen(interface));
	if (ioctl(fd, SIOCGIFINDEX, &r) != 0)
		return CL_LIVE_GONE;
	if ((unsigned)r.ifr_ifindex != index)
		return CL_LIVE_GONE;
	if (ioctl(fd, SIOCGIFFLAGS, &r) != 0)
		return CL_LIVE_GONE;
	return (r.ifr_flags & IFF_UP) != 0 && (r.ifr_flags & IFF_RUNNING) != 0 ? CL_LIVE_UP : CL_LIVE_DOWN;
}

void cl_live_sums_add(struct cl_live_sums *s, uint32_t kernel, uint32_t interface)
{
	const uint32_t more = interface - s->last_interface;

	s->dropped_kernel += (uint32_t)(kernel - s->last_kernel);
	if (more <= INT32_MAX) /* else the driver began anew */
		s->dropped_interface += more;
	s->last_kernel = kernel;
	s->last_interface = interface;
}

void cl_live_sums_reopened(struct cl_live_sums *s)
{
	s->last_kernel = s->last_interface = 0;
}
