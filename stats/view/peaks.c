/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of exchanges; peaks_count.c counts. */
#include "stats/view/peaks.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/view/peaks_state.h"

#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_MIN (60 * NS_PER_S)
#define KEPT_TIMES 4u

struct cl_peaks *cl_peaks_new(const struct cl_peaks_config *config)
{
	struct cl_peaks *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->config = *config;
	if (cl_arena_init(&p->clients, sizeof(struct cl_peak_asker), CL_PEAK_CLIENTS_MAX) &&
	    cl_index_init(&p->by_client))
		return p;
	cl_peaks_free(p);
	return NULL;
}

void cl_peaks_free(struct cl_peaks *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->servers; i++) {
		struct cl_peak_state *s = p->server[i];

		for (size_t k = 0; k < s->kept_count; k++)
			free(s->kept[k].list);
		free(s->now.list);
		free(s->kept);
		free(s->minute);
		free(s->second);
		free(s);
	}
	if (p->clients.map != NULL)
		cl_arena_free(&p->clients);
	cl_index_free(&p->by_client);
	free(p);
}

/* Servers and clients ------------------------------------------------------------------- */

static struct cl_peak_state *server_of(struct cl_peaks *p, const struct cl_event *q, uint32_t *number)
{
	for (size_t i = 0; i < p->servers; i++)
		if (memcmp(&p->server[i]->shown.server, &q->dst, sizeof q->dst) == 0) {
			*number = (uint32_t)i;
			return p->server[i];
		}
	struct cl_peak_state *s = p->servers < CL_PEAK_SERVERS_MAX ? calloc(1, sizeof *s) : NULL;
	if (s == NULL) {
		p->losses.servers++;
		return NULL;
	}
	s->kept = calloc((size_t)KEPT_TIMES * p->config.most, sizeof *s->kept);
	if (s->kept == NULL) {
		free(s);
		p->short_of_memory = true;
		return NULL;
	}
	s->shown.server = q->dst;
	s->first_minute = s->now.minute = q->time_ns / NS_PER_MIN;
	*number = (uint32_t)p->servers;
	p->server[p->servers++] = s;
	return s;
}

struct key {
	const struct cl_addr *addr;
	uint32_t server;
};

static bool asker_is(const void *records, uint32_t number, const void *key)
{
	const struct cl_peak_asker *c = cl_arena_at(records, number);
	const struct key *k = key;

	return c->server == k->server && memcmp(&c->addr, k->addr, sizeof c->addr) == 0;
}

static struct cl_peak_asker *asker_of(struct cl_peaks *p, const struct cl_addr *addr, uint32_t server,
				      int64_t minute, uint32_t *number)
{
	const struct key key = { addr, server };
	uint64_t hash = cl_mix(cl_addr_hash(addr, p->config.seed), server);

	*number = cl_index_find(&p->by_client, hash, asker_is, &p->clients, &key);
	if (*number != CL_INDEX_NONE)
		return cl_arena_at(&p->clients, *number);
	struct cl_peak_asker *c = cl_arena_add(&p->clients);
	*number = (uint32_t)p->clients.count - 1;
	if (c == NULL || !cl_index_add(&p->by_client, hash, *number)) {
		p->losses.clients++;
		return NULL;
	}
	*c = (struct cl_peak_asker){
		.addr = *addr, .server = server, .first_minute = minute, .last_minute = INT64_MIN
	};
	return c;
}

/* Minutes --------------------------------------------------------------------------------- */

/* Room for `at`, below `most`, of what has `size` octets; new ones are zero. */
static bool reach(void **array, size_t at, size_t most, size_t *count, size_t *room, size_t size)
{
	if (at >= *room) {
		size_t wanted = 2 * at + 64 < most ? 2 * at + 64 : most;
		uint8_t *more = realloc(*array, wanted * size);

		if (more == NULL)
			return false;
		memset(more + *room * size, 0, (wanted - *room) * size);
		*array = more;
		*room = wanted;
	}
	if (at >= *count)
		*count = at + 1;
	return true;
}

static struct cl_peak_minute *minute_of(struct cl_peaks *p, struct cl_peak_state *s, int64_t minute)
{
	int64_t at = minute - s->first_minute;
	void *minutes = s->minute;

	if (at < 0 || at >= (int64_t)CL_PEAK_MINUTES_MAX) {
		p->losses.minutes++;
		return NULL;
	}
	bool ok = reach(&minutes, (size_t)at, CL_PEAK_MINUTES_MAX, &s->minutes, &s->minute_room,
			sizeof *s->minute);
	s->minute = minutes;
	p->short_of_memory |= !ok;
	return ok ? &s->minute[at] : NULL;
}

static void count_second(struct cl_peaks *p, struct cl_peak_state *s, int64_t second)
{
	int64_t at = second - s->first_minute * 60;
	void *seconds = s->second;

	if (at < 0 || at >= (int64_t)CL_PEAK_SECONDS_MAX)
		return;
	bool ok = reach(&seconds, (size_t)at, CL_PEAK_SECONDS_MAX, &s->seconds, &s->second_room,
			sizeof *s->second);
	s->second = seconds;
	p->short_of_memory |= !ok;
	if (ok && s->second[at] < UINT16_MAX)
		s->second[at]++;
}

/* The lowest of those that are kept, of equals the latest. */
static size_t lowest(const struct cl_peak_state *s)
{
	size_t at = 0;

	for (size_t i = 1; i < s->kept_count; i++)
		if (s->kept[i].requests < s->kept[at].requests ||
		    (s->kept[i].requests == s->kept[at].requests && s->kept[i].minute > s->kept[at].minute))
			at = i;
	return at;
}

void cl_peaks_end_minute(struct cl_peaks *p, struct cl_peak_state *s)
{
	size_t at = s->kept_count;

	if (s->now.requests > 0 && at < (size_t)KEPT_TIMES * p->config.most) {
		s->kept[s->kept_count++] = s->now;
		s->now = (struct cl_peak){ .minute = 0 };
		return;
	}
	at = at > 0 ? lowest(s) : 0;
	if (s->kept_count > 0 && s->now.requests > s->kept[at].requests) {
		struct cl_peak out = s->kept[at];

		s->kept[at] = s->now;
		s->now = out;
	}
	s->listed -= s->now.listed;
	s->now = (struct cl_peak){ .list = s->now.list, .room = s->now.room };
}

static void list_client(struct cl_peaks *p, struct cl_peak_state *s, struct cl_peak_asker *c, uint32_t number)
{
	struct cl_peak *now = &s->now;

	c->listed = UINT32_MAX;
	if (now->listed == now->room && s->listed < CL_PEAK_LISTED_MAX) {
		size_t room = 2 * now->room + 64;
		struct cl_peak_client *more = realloc(now->list, room * sizeof *more);

		if (more != NULL) {
			now->list = more;
			now->room = room;
		}
	}
	if (now->listed == now->room || s->listed >= CL_PEAK_LISTED_MAX) {
		now->cut = true;
		p->losses.listed++;
		return;
	}
	c->listed = (uint32_t)now->listed;
	now->list[now->listed++] = (struct cl_peak_client){ .client = number };
	s->listed++;
}

static void count_client(struct cl_peaks *p, struct cl_peak_state *s, struct cl_peak_minute *m,
			 struct cl_peak_asker *c, uint32_t number)
{
	const int64_t minute = s->now.minute;

	c->requests += c->requests < UINT32_MAX;
	if (c->last_minute != minute) {
		c->last_minute = minute;
		s->now.clients++;
		m->clients++;
		m->fresh += c->first_minute == minute;
		list_client(p, s, c, number);
	}
	m->fresh_requests += c->first_minute == minute;
	if (c->listed < s->now.listed)
		s->now.list[c->listed].requests++;
}

static enum cl_peak_ports port_class(uint16_t port)
{
	if (port == 123)
		return CL_PEAK_PORT_NTP;
	return port < 1024 ? CL_PEAK_PORT_LOW : CL_PEAK_PORT_HIGH;
}

void cl_peaks_take(struct cl_peaks *p, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event;
	uint32_t place = 0, number = 0;

	if (x->kind != CL_X_NTP || q == NULL || q->time_ns < 0)
		return;
	struct cl_peak_state *s = server_of(p, q, &place);
	if (s == NULL)
		return;
	const int64_t minute = q->time_ns / NS_PER_MIN;
	struct cl_peak_minute *m = minute_of(p, s, minute);
	if (m == NULL)
		return;
	s->shown.requests++;
	m->requests += m->requests < UINT32_MAX;
	count_second(p, s, q->time_ns / NS_PER_S);
	if (s->now.requests > 0 && minute < s->now.minute) {
		p->losses.late++;
		return;
	}
	if (minute != s->now.minute) {
		cl_peaks_end_minute(p, s);
		s->now.minute = minute;
	}
	s->now.requests++;
	s->now.second[q->time_ns / NS_PER_S % 60]++;
	s->now.ports[port_class(q->sport)]++;
	if (x->response.event != NULL) {
		s->now.answered++;
		s->now.kiss += (x->response.event->u.ntp.flags & CL_NTP_KOD) != 0;
	}
	struct cl_peak_asker *c = asker_of(p, &q->src, place, minute, &number);
	if (c != NULL)
		count_client(p, s, m, c, number);
	else
		s->now.cut = true;
}

const struct cl_addr *cl_peaks_client(const struct cl_peaks *p, uint32_t client)
{
	return &((const struct cl_peak_asker *)cl_arena_at(&p->clients, client))->addr;
}

struct cl_peak_losses cl_peaks_losses(const struct cl_peaks *p)
{
	return p->losses;
}
