/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/fourtimes.h"

static bool of_before(const struct cl_times_before *b, const struct cl_exchange *x, struct cl_onwire *w)
{
	*w = b->times;
	return b->rec != 0 && x->request.event->u.ntp.org == b->rec &&
	       cl_stamp_time(x->response.event->u.ntp.xmt, w->t4, &w->t3);
}

bool cl_four_times(struct cl_times_before *b, const struct cl_exchange *x, struct cl_onwire *w)
{
	const struct cl_event *q = x->request.event, *r = x->response.event;
	struct cl_onwire now = { .t1 = q->time_ns, .t4 = r->time_ns };
	bool known = cl_stamp_time(r->u.ntp.rec, q->time_ns, &now.t2), ok;

	if (x->interleaved) {
		ok = of_before(b, x, w);
	} else {
		*w = now;
		ok = known && cl_stamp_time(r->u.ntp.xmt, r->time_ns, &w->t3);
	}
	b->times = now;
	b->rec = known ? r->u.ntp.rec : 0;
	return ok && w->t4 >= w->t1;
}
