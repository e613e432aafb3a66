/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/said.h"

#include "stats/exchange/ntpmath.h"

#define NS_PER_S INT64_C(1000000000)
/* A slope is read over this time at least: root dispersion comes in steps of 15 us. */
#define SLOPE_NS (16 * NS_PER_S)
/* A reference is old at eight times the longest step between two, as a client's filter holds eight polls; at
 * the earliest at OLD_NS, and where no step was seen at eight of the longest usual polls. */
#define STEPS_TO_OLD 8
#define OLD_NS	     (64 * NS_PER_S)
#define OLD_ALONE_NS (8 * 1024 * NS_PER_S)
#define LEAP_UNKNOWN 3

bool cl_said_log_init(struct cl_said_log *l)
{
	l->left_out = 0;
	return cl_arena_init(&l->events, sizeof(struct cl_said_event), CL_SAID_EVENTS_MAX);
}

void cl_said_log_free(struct cl_said_log *l)
{
	cl_arena_free(&l->events);
}

/* Statements ------------------------------------------------------------------------ */

struct cl_statement cl_statement_of(const struct cl_message *answer)
{
	const struct cl_event *ev = answer->event;
	const struct cl_note *n = answer->note;

	return (struct cl_statement){ .time_ns = ev->time_ns,
				      .ref = n->ref,
				      .xmt = ev->u.ntp.xmt,
				      .root_delay = n->root_delay,
				      .root_dispersion = n->root_dispersion,
				      .refid = n->refid,
				      .version = ev->u.ntp.version,
				      .mode = ev->u.ntp.mode,
				      .stratum = ev->u.ntp.stratum,
				      .leap = n->leap,
				      .poll = ev->u.ntp.poll,
				      .precision = n->precision };
}

bool cl_statement_reference_age(const struct cl_statement *st, int64_t *ns)
{
	int64_t sent, set;

	if (!cl_stamp_time(st->xmt, st->time_ns, &sent) || !cl_stamp_time(st->ref, sent, &set))
		return false;
	*ns = sent - set;
	return true;
}

bool cl_is_kiss(uint8_t stratum, uint32_t refid)
{
	static const uint32_t init = 0x494e4954, step = 0x53544550;

	if (stratum != 0 || refid == 0 || refid == init || refid == step)
		return false;
	uint32_t rest = refid;
	while (rest >> 24 > ' ' && rest >> 24 <= '~')
		rest <<= 8;
	return rest != refid && (rest == 0 || rest >> 24 == ' ');
}

bool cl_statement_is_fit(const struct cl_statement *st)
{
	return st->leap != LEAP_UNKNOWN && st->stratum >= 1 && st->stratum <= 15 &&
	       cl_short_time(st->root_delay) / 2 + cl_short_time(st->root_dispersion) < CL_DISPERSION_MAX;
}

/* Changes --------------------------------------------------------------------------- */

static struct cl_said_event *add_event(struct cl_said *s, struct cl_said_log *l, enum cl_change what,
				       const struct cl_statement *now)
{
	struct cl_said_event *e = s->events < CL_SAID_EVENTS_OF ? cl_arena_add(&l->events) : NULL;
	uint32_t number = (uint32_t)l->events.count;

	if (e == NULL) {
		l->left_out++;
		return NULL;
	}
	*e = (struct cl_said_event){ .time_ns = now->time_ns, .what = what, .now = *now };
	if (!cl_statement_reference_age(now, &e->reference_age_ns))
		e->reference_age_ns = -1;
	e->has_slope = s->has_slope;
	e->slope_ppm = s->slope_ppm;
	if (s->last_event != 0)
		((struct cl_said_event *)cl_arena_at(&l->events, s->last_event - 1))->next = number;
	else
		s->first_event = number;
	s->last_event = number;
	s->events++;
	return e;
}

static void changed(struct cl_said *s, struct cl_said_log *l, enum cl_change what, uint32_t from, uint32_t to,
		    const struct cl_statement *now)
{
	struct cl_said_event *e = from != to ? add_event(s, l, what, now) : NULL;

	if (e == NULL)
		return;
	e->from = from;
	e->to = to;
	e->from_stratum = s->now.stratum;
}

static void begin_stretch(struct cl_said *s, const struct cl_statement *now)
{
	s->since_ns = now->time_ns;
	s->since_dispersion = now->root_dispersion;
}

/* The reference was set anew. */
static void reference_moved(struct cl_said *s, struct cl_said_log *l, const struct cl_statement *now)
{
	int64_t before, set, reached;
	struct cl_said_event *e;

	if (s->stopped && (e = add_event(s, l, CL_CHANGE_REFERENCE_MOVED, now)) != NULL)
		e->reference_age_ns = cl_statement_reference_age(&s->now, &reached) ? reached : -1;
	s->stopped = false;
	if (cl_stamp_time(s->now.ref, now->time_ns, &before) && cl_stamp_time(now->ref, now->time_ns, &set) &&
	    set - before > s->longest_step_ns)
		s->longest_step_ns = set - before;
	begin_stretch(s, now);
}

static void reference_stands(struct cl_said *s, struct cl_said_log *l, const struct cl_statement *now)
{
	int64_t span = now->time_ns - s->since_ns, age;
	int64_t limit = OLD_ALONE_NS;

	if (s->longest_step_ns > 0 &&
	    __builtin_mul_overflow(STEPS_TO_OLD, s->longest_step_ns, &limit)) /* the server says any times */
		limit = INT64_MAX;
	if (span >= SLOPE_NS) {
		double grown = ((double)now->root_dispersion - (double)s->since_dispersion) / 65536;

		s->has_slope = true;
		s->slope_ppm = grown / ((double)span / (double)NS_PER_S) * 1e6;
	}
	if (limit < OLD_NS)
		limit = OLD_NS;
	if (!s->stopped && cl_statement_reference_age(now, &age) && age > limit) {
		s->stopped = true;
		add_event(s, l, CL_CHANGE_REFERENCE_STOPPED, now);
	}
}

static void count_kiss(struct cl_said *s, uint32_t code)
{
	s->kisses++;
	for (unsigned i = 0; i < CL_SAID_KISSES; i++)
		if (s->kiss[i].n == 0 || s->kiss[i].code == code) {
			s->kiss[i].code = code;
			s->kiss[i].n++;
			return;
		}
}

void cl_said_take(struct cl_said *s, struct cl_said_log *l, const struct cl_message *answer)
{
	struct cl_statement now = cl_statement_of(answer);

	s->answers++;
	s->version[now.version & 7]++;
	if (cl_is_kiss(now.stratum, now.refid)) {
		count_kiss(s, now.refid);
		return;
	}
	s->statements++;
	if (s->statements == 1) {
		s->first_ns = now.time_ns;
		begin_stretch(s, &now);
	} else if (now.time_ns < s->now.time_ns) {
		return;
	} else {
		if (now.ref != s->now.ref)
			reference_moved(s, l, &now);
		changed(s, l, CL_CHANGE_LEAP, s->now.leap, now.leap, &now);
		changed(s, l, CL_CHANGE_STRATUM, s->now.stratum, now.stratum, &now);
		changed(s, l, CL_CHANGE_REFID, s->now.refid, now.refid, &now);
	}
	if (s->now.ref == now.ref || s->statements == 1)
		reference_stands(s, l, &now);
	s->now = now;
}
