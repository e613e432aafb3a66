/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/ask.h"

#include <stdlib.h>

#include "dissect/hash.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

#define NS_PER_S INT64_C(1000000000)
/* A transmit timestamp is the client's reading of the capture's own clock if it was made just before the
 * packet was: programs take up to some milliseconds, a busy host more. Behind it, rounding alone. */
#define BEFORE_NS (NS_PER_S / 4)
#define BEHIND_NS (NS_PER_S / 100000)
/* It is a clock's at all within a day: a random one is with a chance of 1 to 25,000. */
#define CLOCK_NS (86400 * NS_PER_S)

struct cl_asks {
	uint64_t seed;
	struct cl_arena pairs, samples;
	bool has_pairs, has_samples;
	struct cl_index by_pair;
	struct cl_asks_limits left_out;
};

struct cl_asks *cl_asks_new(uint64_t seed)
{
	struct cl_asks *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->seed = seed;
	a->has_pairs = cl_arena_init(&a->pairs, sizeof(struct cl_ask), CL_ASKS_MAX);
	a->has_samples = cl_arena_init(&a->samples, sizeof(struct cl_sample), CL_SAMPLES_MAX);
	if (!a->has_pairs || !a->has_samples || !cl_index_init(&a->by_pair)) {
		cl_asks_free(a);
		return NULL;
	}
	return a;
}

void cl_asks_free(struct cl_asks *a)
{
	if (a == NULL)
		return;
	if (a->has_pairs)
		cl_arena_free(&a->pairs);
	if (a->has_samples)
		cl_arena_free(&a->samples);
	cl_index_free(&a->by_pair);
	free(a);
}

/* Pairs ----------------------------------------------------------------------------- */

static bool same_pair(const void *records, uint32_t number, const void *key)
{
	const struct cl_ask *pair = records, *k = key;

	return cl_addr_cmp(&pair[number].client, &k->client) == 0 &&
	       cl_addr_cmp(&pair[number].server, &k->server) == 0;
}

static struct cl_ask *pair_of(struct cl_asks *a, const struct cl_event *q)
{
	const struct cl_ask key = { .client = q->src, .server = q->dst, .first_ns = q->time_ns };
	uint64_t hash = cl_mix(cl_addr_hash(&q->src, a->seed), cl_addr_hash(&q->dst, ~a->seed));
	uint32_t at = cl_index_find(&a->by_pair, hash, same_pair, a->pairs.base, &key);
	struct cl_ask *pair = at != CL_INDEX_NONE ? cl_arena_at(&a->pairs, at) : cl_arena_add(&a->pairs);

	if (pair == NULL || at != CL_INDEX_NONE)
		return pair;
	*pair = key;
	cl_index_add(&a->by_pair, hash, (uint32_t)(a->pairs.count - 1));
	return pair;
}

/* Where, and by which clocks -------------------------------------------------------- */

/* Whether no router has lowered it: the values that systems begin with. */
static bool is_initial(uint8_t ttl)
{
	return ttl == 32 || ttl == 64 || ttl == 128 || ttl == 255;
}

static enum cl_vantage tap_of(const struct cl_exchange *x)
{
	uint8_t there = x->request.note->ip_ttl, back = x->response.note->ip_ttl;

	if (there == 0 || back == 0)
		return CL_TAP_UNKNOWN;
	if (is_initial(there))
		return is_initial(back) ? CL_TAP_LINK : CL_TAP_CLIENT;
	return is_initial(back) ? CL_TAP_SERVER : CL_TAP_PATH;
}

static bool agrees(int64_t stamp_ns, int64_t capture_ns)
{
	return stamp_ns >= capture_ns - BEFORE_NS && stamp_ns <= capture_ns + BEHIND_NS;
}

/* The transmit timestamp as a clock's reading. */
static bool clock_of(const struct cl_event *q, int64_t *ns, bool *nanoseconds)
{
	int64_t plain, other;
	bool known = cl_stamp_time(q->u.ntp.xmt, q->time_ns, &plain);

	*nanoseconds = !(known && agrees(plain, q->time_ns)) &&
		       cl_stamp_time_of_nanoseconds(q->u.ntp.xmt, q->time_ns, &other) &&
		       agrees(other, q->time_ns);
	*ns = *nanoseconds ? other : plain;
	return known && llabs(*ns - q->time_ns) < CLOCK_NS;
}

/* Samples --------------------------------------------------------------------------- */

static struct cl_ask_auth auth_of(const struct cl_note *n)
{
	return (struct cl_ask_auth){ .kind = n->auth, .mac_length = n->mac_length, .key_id = n->key_id };
}

/* A client that asked with a key or NTS takes no other answer. */
static bool is_authentic_enough(const struct cl_sample *s)
{
	uint8_t asked = s->request.kind, got = s->response.kind;

	return got != CL_NTP_AUTH_CRYPTO_NAK &&
	       ((asked != CL_NTP_AUTH_MAC && asked != CL_NTP_AUTH_NTS) || got == asked);
}

/* At the server, its two times are the capture's: what is left is the client's clock, less the way. */
static void time_at_server(struct cl_sample *s, const struct cl_onwire *wire)
{
	s->timed = s->has_clock;
	s->t1 = CL_T1_TRANSMIT;
	s->offset_ns = wire->t2 - (wire->t1 + s->clock_ns);
}

static void time_sample(struct cl_sample *s, const struct cl_onwire *wire, bool interleaved)
{
	struct cl_onwire w = *wire;

	s->wire_offset_ns = cl_onwire_offset(wire);
	s->wire_delay_ns = cl_onwire_delay(wire);
	s->dispersion_ns = cl_onwire_dispersion(wire, s->said.precision);
	if (s->tap == CL_TAP_SERVER && !interleaved) {
		time_at_server(s, wire);
		return;
	}
	if (interleaved || !s->has_clock || !agrees(w.t1 + s->clock_ns, w.t1))
		s->t1 = CL_T1_CAPTURE;
	else
		w.t1 += s->clock_ns;
	s->timed = true;
	s->offset_ns = cl_onwire_offset(&w);
	s->delay_ns = cl_onwire_delay(&w);
	s->dispersion_ns = cl_onwire_dispersion(&w, s->said.precision);
}

static void add_answer(struct cl_ask *pair, struct cl_sample *s, const struct cl_exchange *x)
{
	const struct cl_event *r = x->response.event;
	struct cl_onwire wire;

	pair->answers++;
	s->answered = true;
	s->response_frame = r->frame_no;
	s->response_file = r->file;
	s->response = pair->response = auth_of(x->response.note);
	s->said = pair->said = cl_statement_of(&x->response);
	s->tap = pair->tap = (uint8_t)tap_of(x);
	if (!cl_four_times(&pair->before, x, &wire) || cl_is_kiss(s->said.stratum, s->said.refid))
		return;
	time_sample(s, &wire, x->interleaved);
	s->good = s->timed && s->tap != CL_TAP_SERVER && cl_statement_is_fit(&s->said) &&
		  is_authentic_enough(s);
	const struct cl_filter_sample one = { .time_ns = wire.t4,
					      .offset_ns = s->offset_ns,
					      .delay_ns = s->delay_ns,
					      .dispersion_ns = s->dispersion_ns };
	if (s->good)
		cl_clock_filter_add(&pair->filter, &one);
}

static void keep(struct cl_asks *a, struct cl_ask *pair, const struct cl_sample *s)
{
	struct cl_sample *at = pair->kept < CL_SAMPLES_OF ? cl_arena_add(&a->samples) : NULL;
	uint32_t number = (uint32_t)a->samples.count;

	if (at == NULL) {
		a->left_out.samples++;
		return;
	}
	*at = *s;
	if (pair->last != 0)
		((struct cl_sample *)cl_arena_at(&a->samples, pair->last - 1))->next = number;
	else
		pair->first = number;
	pair->last = number;
	pair->kept++;
}

void cl_asks_take(struct cl_asks *a, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event;
	struct cl_ask *pair = q != NULL ? pair_of(a, q) : NULL;
	bool nanoseconds;
	int64_t clock;

	if (pair == NULL) {
		a->left_out.pairs += q != NULL;
		return;
	}
	struct cl_sample s = { .time_ns = q->time_ns,
			       .request_frame = q->frame_no,
			       .request_file = q->file,
			       .fortune = (uint8_t)x->fortune,
			       .request = auth_of(x->request.note) };

	s.has_clock = clock_of(q, &clock, &nanoseconds);
	s.clock_ns = s.has_clock ? clock - q->time_ns : 0;
	s.t1 = nanoseconds ? CL_T1_TRANSMIT_NS : CL_T1_TRANSMIT;
	pair->requests++;
	pair->request = s.request;
	if (x->response.event != NULL)
		add_answer(pair, &s, x);
	keep(a, pair, &s);
}

/* Reading --------------------------------------------------------------------------- */

static int by_client(const void *a, const void *b)
{
	const struct cl_ask *p = *(const struct cl_ask *const *)a, *q = *(const struct cl_ask *const *)b;
	int c = cl_addr_cmp(&p->client, &q->client);

	return c != 0 ? c : cl_addr_cmp(&p->server, &q->server);
}

static int by_requests(const void *a, const void *b)
{
	const struct cl_ask *p = *(const struct cl_ask *const *)a, *q = *(const struct cl_ask *const *)b;

	if (p->of_client != q->of_client)
		return p->of_client < q->of_client ? 1 : -1;
	return by_client(a, b);
}

struct cl_ask **cl_asks_sorted(struct cl_asks *a, size_t *n)
{
	struct cl_ask **list = malloc((a->pairs.count + 1) * sizeof *list);

	*n = 0;
	if (list == NULL)
		return NULL;
	*n = a->pairs.count;
	for (size_t i = 0; i < *n; i++)
		list[i] = cl_arena_at(&a->pairs, i);
	qsort(list, *n, sizeof *list, by_client);
	for (size_t i = 0, end; i < *n; i = end) {
		uint64_t sum = 0;

		for (end = i; end < *n && cl_addr_cmp(&list[end]->client, &list[i]->client) == 0; end++)
			sum += list[end]->requests;
		for (size_t k = i; k < end; k++)
			list[k]->of_client = sum;
	}
	qsort(list, *n, sizeof *list, by_requests);
	return list;
}

const struct cl_sample *cl_asks_sample(const struct cl_asks *a, uint32_t number)
{
	return number > 0 ? cl_arena_at(&a->samples, number - 1) : NULL;
}

struct cl_asks_limits cl_asks_left_out(const struct cl_asks *a)
{
	return a->left_out;
}
