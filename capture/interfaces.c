/* SPDX-License-Identifier: BSD-2-Clause */
/* Which interfaces there are. */
#include "capture/interfaces.h"

#include <pcap/pcap.h>
#include <stdio.h>

static void take_clocks(pcap_t *p, struct cl_interface *out)
{
	int *types;
	int n = pcap_list_tstamp_types(p, &types);

	for (int i = 0; i < n && out->clocks < CL_INTERFACE_TYPES; i++) {
		const char *name = pcap_tstamp_type_val_to_name(types[i]);

		if (name != NULL)
			out->clock[out->clocks++] = name;
	}
	if (n > 0)
		pcap_free_tstamp_types(types);
}

/* The one that it has is first. */
static void take_links(pcap_t *p, struct cl_interface *out)
{
	int *types;
	int own = pcap_datalink(p), n = pcap_list_datalinks(p, &types);

	out->link[out->links++] = pcap_datalink_val_to_name(own);
	for (int i = 0; i < n && out->links < CL_INTERFACE_TYPES; i++)
		if (types[i] != own && pcap_datalink_val_to_name(types[i]) != NULL)
			out->link[out->links++] = pcap_datalink_val_to_name(types[i]);
	if (n > 0)
		pcap_free_datalinks(types);
	if (out->link[0] == NULL)
		out->links = 0;
}

static void look(struct cl_interface *out)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create(out->name, err);

	if (p == NULL)
		return;
	take_clocks(p, out);
	if (pcap_activate(p) >= 0) /* it may be forbidden */
		take_links(p, out);
	pcap_close(p);
}

bool cl_interfaces_each(cl_interface_fn fn, void *ctx, char *err, size_t size)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_if_t *all = NULL;

	if (pcap_findalldevs(&all, why) != 0) {
		snprintf(err, size, "%s", why);
		return false;
	}
	for (const pcap_if_t *d = all; d != NULL; d = d->next) {
		struct cl_interface i = { .name = d->name,
					  .description = d->description,
					  .up = (d->flags & PCAP_IF_UP) != 0 };

		look(&i);
		fn(ctx, &i);
	}
	pcap_freealldevs(all);
	return true;
}
