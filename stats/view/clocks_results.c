/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "stats/view/clocks_state.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define DAY_NS	  (86400 * NS_PER_S)
#define WEEKS_NS  (1024 * 7 * DAY_NS)
#define YEAR_S	  (366u * 86400u)
#define EPOCH_S	  2208988800u /* of 1970, in seconds since 1900 */

/* Where errors lie ---------------------------------------------------------------- */

static const struct {
	int64_t below_ns;
	enum cl_clock_bucket bucket;
} widths[] = {
	{ NS_PER_MS, CL_CLOCK_1MS }, { 10 * NS_PER_MS, CL_CLOCK_10MS },	 { 100 * NS_PER_MS, CL_CLOCK_100MS },
	{ NS_PER_S, CL_CLOCK_1S },   { 60 * NS_PER_S, CL_CLOCK_MINUTE }, { 3600 * NS_PER_S, CL_CLOCK_HOUR },
	{ DAY_NS, CL_CLOCK_DAY },
};

static int64_t without_sign(int64_t v)
{
	return v < 0 ? -v : v;
}

static enum cl_clock_bucket far_off(int64_t error_ns, int64_t time_ns)
{
	const int64_t shown_s = error_ns / NS_PER_S + time_ns / NS_PER_S;
	const uint32_t raw = (uint32_t)(uint64_t)(shown_s + EPOCH_S);

	if (without_sign(without_sign(error_ns) - WEEKS_NS) < DAY_NS)
		return CL_CLOCK_WEEKS;
	if (raw < YEAR_S)
		return CL_CLOCK_1900;
	if (raw - EPOCH_S < YEAR_S)
		return CL_CLOCK_1970;
	return cl_xmt_near((int32_t)(raw - (uint32_t)(uint64_t)(time_ns / NS_PER_S))) ? CL_CLOCK_UNIX
										      : CL_CLOCK_MORE;
}

enum cl_clock_bucket cl_clock_bucket(int64_t error_ns, int64_t time_ns, int64_t resolution_ns)
{
	const int64_t size = without_sign(error_ns);

	if (resolution_ns < NS_PER_S && without_sign(size - NS_PER_S) <= NS_PER_S / 10)
		return CL_CLOCK_LEAP;
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
		if (size < widths[i].below_ns && resolution_ns <= widths[i].below_ns)
			return widths[i].bucket;
	return far_off(error_ns, time_ns);
}

/* Clients ------------------------------------------------------------------------- */

static int64_t resolution(enum cl_xmt_class class)
{
	if (class == CL_XMT_SEC || class == CL_XMT_CLOCK_DIGITS)
		return NS_PER_S;
	return class == CL_XMT_CLOCK_MS || class == CL_XMT_CLOCK_MS24 ? NS_PER_MS : 1;
}

static int64_t error_of(const struct cl_clock_sample *s, enum cl_xmt_class class)
{
	const int64_t fraction_ns = (int64_t)(s->fraction * (uint64_t)NS_PER_S >> 32);

	if (class == CL_XMT_CLOCK_NS && s->fraction < NS_PER_S)
		return s->e1_ns - fraction_ns + s->fraction;
	if (resolution(class) == NS_PER_S)
		return s->e1_ns - fraction_ns + NS_PER_S / 2;
	return s->e1_ns + resolution(class) / 2;
}

static int by_value(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of at least one. */
static int64_t median(const struct cl_clock_sample *s, size_t n, enum cl_xmt_class class)
{
	int64_t v[CL_CLOCKS_LAST];

	for (size_t i = 0; i < n; i++)
		v[i] = error_of(&s[i], class);
	qsort(v, n, sizeof *v, by_value);
	return v[(n - 1) / 2];
}

/* What the middle half of the errors spans. */
static int64_t spread(const struct cl_clock_sample *s, size_t n, enum cl_xmt_class class)
{
	int64_t v[CL_CLOCKS_LAST];

	for (size_t i = 0; i < n; i++)
		v[i] = error_of(&s[i], class);
	qsort(v, n, sizeof *v, by_value);
	return v[3 * n / 4] - v[n / 4];
}

/**
 * Fractions below 10^9 are those of nanoseconds, or of a clock that is always asked early in a second, as by
 * cron: taken for what they are, errors are closer to each other. Where they are close either way, nothing
 * tells.
 */
static void look_at_nanoseconds(struct cl_clock_client *c)
{
	const size_t n = c->samples < CL_CLOCKS_LAST ? (size_t)c->samples : CL_CLOCKS_LAST;
	const int64_t ns = spread(c->last, n, CL_XMT_CLOCK_NS), full = spread(c->last, n, CL_XMT_CLOCK);

	if (ns <= full / 2)
		return;
	if (full <= ns / 2)
		c->class = CL_XMT_CLOCK;
	else
		c->why = CL_CLOCK_NS;
}

static enum cl_clock_why why(const struct cl_clock_client *c, const uint8_t seen[CL_XMT_SEEN])
{
	static const enum cl_clock_why whys[CL_XMT_CLASSES + 1] = { [CL_XMT_ZERO] = CL_CLOCK_ZERO,
								    [CL_XMT_CONST] = CL_CLOCK_CONST,
								    [CL_XMT_RAND63] = CL_CLOCK_RAND63,
								    [CL_XMT_RANDOM] = CL_CLOCK_RANDOM,
								    [CL_XMT_CLASSES] = CL_CLOCK_MIXED };

	/* none of them is beyond what nanoseconds can be, and there are too few of them to prove such */
	if (c->class == CL_XMT_CLOCK && seen[CL_XMT_SEEN_CLOCK] == 0 && seen[CL_XMT_SEEN_NS] > 0)
		return CL_CLOCK_NS;
	return c->samples > 0 || whys[c->class] != CL_CLOCK_KNOWN ? whys[c->class] : CL_CLOCK_MIXED;
}

static void vote(struct cl_clock_client *c)
{
	const unsigned n = c->requests < CL_CLOCKS_LAST ? (unsigned)c->requests : CL_CLOCKS_LAST;
	uint8_t seen[CL_XMT_SEEN] = { 0 };

	for (unsigned i = 0; i < n; i++)
		seen[c->watch.seen >> (CL_XMT_SEEN_BITS * i) & 15u]++;
	c->class = cl_xmt_vote(seen, n);
	c->why = why(c, seen);
	if (c->class == CL_XMT_CLOCK_NS && c->why == CL_CLOCK_KNOWN)
		look_at_nanoseconds(c);
}

static enum cl_clock_trend trend_of(const struct cl_clock_client *c)
{
	const int64_t a = without_sign(c->at_first_ns), b = without_sign(c->in_the_end_ns);

	if (a < CL_CLOCKS_SMALL_NS && b < CL_CLOCKS_SMALL_NS)
		return CL_CLOCK_CLOSE;
	if (a >= CL_CLOCKS_SMALL_NS && b <= a / 2)
		return CL_CLOCK_FALLS;
	return b / 2 >= a ? CL_CLOCK_GROWS : CL_CLOCK_STAYS;
}

static void look_at_ends(struct cl_clock_client *c)
{
	struct cl_clock_sample last[CL_CLOCKS_ENDS];

	if (c->samples < CL_CLOCKS_POLLS || c->answers < CL_CLOCKS_ENDS || resolution(c->class) == NS_PER_S)
		return;
	for (unsigned i = 0; i < CL_CLOCKS_ENDS; i++)
		last[i] = c->last[(c->samples - 1 - i) % CL_CLOCKS_LAST];
	c->at_first_ns = median(c->first, CL_CLOCKS_ENDS, c->class);
	c->in_the_end_ns = median(last, CL_CLOCKS_ENDS, c->class);
	c->trend = trend_of(c);
}

static bool settle_client(struct cl_clock_totals *t, struct cl_clock_client *c)
{
	vote(c);
	t->class[c->class]++;
	t->why[c->why]++;
	if (c->why == CL_CLOCK_KNOWN) {
		const size_t n = c->samples < CL_CLOCKS_LAST ? (size_t)c->samples : CL_CLOCKS_LAST;

		c->error_ns = median(c->last, n, c->class);
		c->bucket = cl_clock_bucket(c->error_ns, c->last_ns, resolution(c->class));
		(c->error_ns < 0 ? t->behind : t->ahead)[c->bucket]++;
		look_at_ends(c);
	}
	t->trend[c->trend]++;
	return c->why != CL_CLOCK_KNOWN || cl_signed_add(&t->error, c->error_ns);
}

/* Estimates and servers ----------------------------------------------------------- */

static bool settle_estimate(struct cl_clock_totals *t, struct cl_clock_server *s,
			    const struct cl_clock_estimate *e)
{
	struct cl_filtered f;

	if (!cl_clock_filter_read(&e->filter, &f))
		return true;
	t->estimates++;
	s->clients_measured++;
	return cl_hist_add(&t->offset_abs, without_sign(f.offset_ns)) && cl_hist_add(&t->delay, f.delay_ns) &&
	       cl_signed_add(&t->offset, f.offset_ns) && cl_signed_add(&s->offset, f.offset_ns) &&
	       cl_hist_add(&s->delay, f.delay_ns);
}

static bool settle_pair(struct cl_clocks *c, const struct cl_clock_pair *p)
{
	const struct cl_clock_client *client = cl_intern_find(&c->clients, &p->key.client);
	struct cl_clock_server *s = cl_intern_get(&c->servers, &p->key.server, NULL);

	if (client == NULL || s == NULL) {
		c->totals.pairs_not_kept++;
		return true;
	}
	s->clients++;
	if (client->why == CL_CLOCK_KNOWN) {
		s->known++;
		s->ahead += client->error_ns >= CL_CLOCKS_SMALL_NS;
		s->behind += client->error_ns <= -CL_CLOCKS_SMALL_NS;
		if (!cl_signed_add(&s->error, client->error_ns))
			return false;
	}
	return p->estimate == 0 ||
	       settle_estimate(&c->totals, s, cl_arena_at(&c->estimates, p->estimate - 1));
}

static int by_clients(const void *a, const void *b)
{
	const struct cl_clock_server *p = *(const struct cl_clock_server *const *)a,
				     *q = *(const struct cl_clock_server *const *)b;

	if (p->clients != q->clients)
		return p->clients < q->clients ? 1 : -1;
	return cl_addr_cmp(&p->addr, &q->addr);
}

static int by_error(const void *a, const void *b)
{
	const struct cl_clock_client *p = *(const struct cl_clock_client *const *)a,
				     *q = *(const struct cl_clock_client *const *)b;
	const int64_t x = without_sign(p->error_ns), y = without_sign(q->error_ns);

	if (x != y)
		return x < y ? 1 : -1;
	return cl_addr_cmp(&p->addr, &q->addr);
}

static bool sort(struct cl_clocks *c)
{
	const size_t clients = cl_intern_count(&c->clients), servers = cl_intern_count(&c->servers);

	c->worst = malloc((clients + 1) * sizeof *c->worst);
	c->server_order = malloc((servers + 1) * sizeof *c->server_order);
	if (c->worst == NULL || c->server_order == NULL)
		return false;
	for (size_t i = 0; i < clients; i++) {
		const struct cl_clock_client *one = cl_intern_at(&c->clients, i);

		if (one->why == CL_CLOCK_KNOWN)
			c->worst[c->worst_count++] = one;
	}
	for (size_t i = 0; i < servers; i++)
		c->server_order[i] = cl_intern_at(&c->servers, i);
	qsort(c->worst, c->worst_count, sizeof *c->worst, by_error);
	qsort(c->server_order, servers, sizeof *c->server_order, by_clients);
	return true;
}

static bool settle(struct cl_clocks *c)
{
	bool ok = true;

	if (c->settled)
		return !c->failed;
	c->settled = true;
	c->totals.clients = cl_intern_count(&c->clients);
	for (size_t i = 0; ok && i < cl_intern_count(&c->clients); i++)
		ok = settle_client(&c->totals, cl_intern_at(&c->clients, i));
	for (size_t i = 0; ok && i < cl_intern_count(&c->pairs); i++)
		ok = settle_pair(c, cl_intern_at(&c->pairs, i));
	c->failed = !ok || !sort(c);
	return !c->failed;
}

const struct cl_clock_totals *cl_clocks_totals(struct cl_clocks *c)
{
	return settle(c) ? &c->totals : NULL;
}

const struct cl_clock_server *const *cl_clocks_servers(struct cl_clocks *c, size_t *count)
{
	*count = settle(c) ? cl_intern_count(&c->servers) : 0;
	return c->server_order;
}

const struct cl_clock_client *const *cl_clocks_worst(struct cl_clocks *c, size_t *count)
{
	*count = settle(c) ? c->worst_count : 0;
	return c->worst;
}

static int64_t offset_size(const struct cl_clock_estimate *e)
{
	struct cl_filtered f;

	return cl_clock_filter_read(&e->filter, &f) ? without_sign(f.offset_ns) : 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct cl_clock_estimate *p = a, *q = b;
	const int64_t x = offset_size(p), y = offset_size(q);

	if (x != y)
		return x < y ? 1 : -1;
	const int c = cl_addr_cmp(&p->client, &q->client);
	return c != 0 ? c : cl_addr_cmp(&p->server, &q->server);
}

const struct cl_clock_estimate *cl_clocks_estimates(struct cl_clocks *c, size_t *count)
{
	struct cl_clock_estimate *list = cl_arena_at(&c->estimates, 0);

	*count = settle(c) ? c->estimates.count : 0;
	if (*count > 0 && !c->sorted)
		qsort(list, *count, sizeof *list, by_offset);
	c->sorted = true; /* pairs no longer know their numbers: settled before */
	return list;
}
