/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/view/refidtext.h"

#include <stdio.h>
#include <stdlib.h>

#include "dissect/ntp/refid.h"

struct cl_refidtext {
	struct cl_refids *servers, *others;
};

struct cl_refidtext *cl_refidtext_new(uint64_t seed)
{
	struct cl_refidtext *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->servers = cl_refids_new(seed);
	r->others = cl_refids_new(seed);
	if (r->servers != NULL && r->others != NULL)
		return r;
	cl_refidtext_free(r);
	return NULL;
}

void cl_refidtext_free(struct cl_refidtext *r)
{
	if (r == NULL)
		return;
	cl_refids_free(r->servers);
	cl_refids_free(r->others);
	free(r);
}

void cl_refidtext_see(struct cl_refidtext *r, const struct cl_exchange *x)
{
	cl_refids_see(r->servers, cl_exchange_server(x));
	cl_refids_see(r->others, cl_exchange_client(x));
}

uint64_t cl_refidtext_refused(const struct cl_refidtext *r)
{
	return cl_refids_refused(r->servers) + cl_refids_refused(r->others);
}

static const struct cl_refids *those_with(const struct cl_refidtext *r, uint32_t refid)
{
	if (r == NULL)
		return NULL;
	return cl_refids_find(r->servers, refid) != NULL ? r->servers : r->others;
}

bool cl_refidtext_format(uint32_t refid, uint8_t mode, uint8_t stratum, char out[CL_REFIDTEXT_LEN])
{
	enum cl_refid_kind kind = cl_refid_kind(refid, mode, stratum, NULL);

	if (kind != CL_REFID_CLOCK && kind != CL_REFID_KISS && kind != CL_REFID_STATE) {
		snprintf(out, CL_REFIDTEXT_LEN, "%u.%u.%u.%u", refid >> 24, refid >> 16 & 0xff,
			 refid >> 8 & 0xff, refid & 0xff);
		return false;
	}
	for (unsigned i = 0; i < 4; i++) {
		char c = (char)(refid >> (24 - 8 * i) & 0xff);

		out[i] = c == ' ' ? '\0' : c;
	}
	out[4] = '\0';
	return true;
}

bool cl_refidtext_means(const struct cl_refidtext *r, uint32_t refid, uint8_t mode, uint8_t stratum,
			char out[CL_REFIDMEANS_LEN])
{
	const struct cl_refids *seen = those_with(r, refid);
	const char *words = NULL;

	switch (cl_refid_kind(refid, mode, stratum, seen)) {
	case CL_REFID_CLOCK:
		words = cl_refid_clock(refid);
		break;
	case CL_REFID_KISS:
	case CL_REFID_STATE:
		words = cl_refid_kiss(refid);
		break;
	case CL_REFID_IPV6:
		cl_addr_format(cl_refids_find(seen, refid), out);
		return true;
	case CL_REFID_HASH:
		words = "hash of an IPv6 address that was not seen";
		break;
	case CL_REFID_LOOPBACK:
		words = "loopback";
		break;
	case CL_REFID_REFCLOCK:
		snprintf(out, CL_REFIDMEANS_LEN, "reference clock of ntpd, driver %u", refid >> 8 & 0xff);
		return true;
	case CL_REFID_CHRONY_LOCAL:
		words = "chronyd, its own clock";
		break;
	case CL_REFID_CHRONY_SMOOTHING:
		words = "chronyd, smoothed time";
		break;
	case CL_REFID_SMEAR:
		words = "leap smear of ntpd";
		break;
	default:
		break;
	}
	if (words != NULL)
		snprintf(out, CL_REFIDMEANS_LEN, "%s", words);
	return words != NULL;
}

bool cl_refidtext_is(const struct cl_refidtext *r, uint32_t refid, uint8_t stratum,
		     const struct cl_addr *server)
{
	if (stratum < 2 || stratum > 15)
		return false;
	if (cl_addr_is_v4(server))
		return refid == ((uint32_t)server->b[12] << 24 | (uint32_t)server->b[13] << 16 |
				 (uint32_t)server->b[14] << 8 | server->b[15]);
	const struct cl_addr *found = cl_refids_find(those_with(r, refid), refid);

	return found != NULL && cl_addr_cmp(found, server) == 0;
}

const char *cl_leap_text(unsigned leap)
{
	static const char *const words[] = { "no-leap", "add-leap", "del-leap", "unsync" };

	return words[leap & 3];
}
