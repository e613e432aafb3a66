/* SPDX-License-Identifier: BSD-2-Clause */
/* Names as people read them, and every way in which one can be wrong (RFC 1035 sec. 4.1.4, 5.1). */
#include "dissect/dns/msg.h"
#include "dissect/dns/name.h"

#define POINTER	     0xc0u
#define LABEL_MAX    63u
#define POINTER_MAX  0x4000u
#define POINTER_COST 4u	   /* of the budget: following one takes as long as so many octets */
#define TEXT_MAX     1024u /* every octet as \DDD takes 1,004 */

struct writer {
	uint32_t used;
	char text[TEXT_MAX];
};

static void escape(struct writer *w, uint8_t o)
{
	w->text[w->used++] = '\\';
	if (o != '.' && o != '\\') {
		w->text[w->used++] = (char)('0' + o / 100);
		w->text[w->used++] = (char)('0' + o / 10 % 10);
		o = (uint8_t)('0' + o % 10);
	}
	w->text[w->used++] = (char)o;
}

static void write_label(struct writer *w, struct cl_span label)
{
	if (w->used > 0)
		w->text[w->used++] = '.';
	for (uint32_t i = 0; i < label.len; i++) {
		uint8_t o = label.ptr[i];

		if (o <= ' ' || o >= 0x7f || o == '.' || o == '\\')
			escape(w, o);
		else
			w->text[w->used++] = (char)o;
	}
}

/* What a pointer at `from` to `target`, in labels that began at `start` of a name that began at `name`,
 * does wrong. */
static enum cl_anomaly bad_pointer(const struct cl_dns_msg *m, uint32_t from, uint32_t target, uint32_t start,
				   uint32_t name)
{
	if (target < CL_DNS_HEADER)
		return CL_ANOM_DNS_POINTER_HEADER;
	if (target >= m->whole.len)
		return CL_ANOM_DNS_POINTER_PAST_END;
	if (target == from)
		return CL_ANOM_DNS_POINTER_SELF;
	if (target >= start && target <= from)
		return CL_ANOM_DNS_POINTER_LOOP;
	return target == name ? CL_ANOM_DNS_POINTER_LOOP : CL_ANOM_DNS_POINTER_FORWARD;
}

/* A walk along the labels of one name. */
struct walk {
	struct cl_cur at;
	uint32_t name, start, resume; /* where the name and these labels began, and what follows it */
	uint32_t octets, labels, jumps;
	bool lost; /* points to what is no name */
	bool said; /* what is wrong */
	struct writer w;
};

static bool fail(struct cl_dns_msg *m, struct walk *k, enum cl_anomaly why)
{
	cl_cur_fail(&k->at, UINT32_MAX);
	cl_dns_anomaly(m, why);
	k->said = true;
	return false;
}

/* False: no more labels. */
static bool jump(struct cl_dns_msg *m, struct walk *k, uint32_t target, enum cl_dns_compression how)
{
	uint32_t from = k->at.pos - 2;

	if (k->resume == 0)
		k->resume = k->at.pos;
	if (how == CL_DNS_PLAIN || target >= k->start || target < CL_DNS_HEADER) {
		cl_dns_anomaly(m, how == CL_DNS_PLAIN ? CL_ANOM_DNS_POINTER_FORBIDDEN
						      : bad_pointer(m, from, target, k->start, k->name));
		k->lost = true;
		return false;
	}
	k->at = m->whole;
	k->at.pos = k->start = target;
	k->jumps++;
	return true;
}

/* Reads one label or pointer; false: the name ends, or cannot go on. */
static bool step(struct cl_dns_msg *m, struct walk *k, enum cl_dns_compression how)
{
	uint8_t length = cl_cur_u8(&k->at);

	if (k->at.err != CL_OK)
		return false;
	if ((length & POINTER) == POINTER) {
		uint32_t target = (length & 0x3fu) << 8 | cl_cur_u8(&k->at);
		return k->at.err == CL_OK && jump(m, k, target, how);
	}
	if (length > LABEL_MAX)
		return fail(m, k, CL_ANOM_DNS_LABEL_TYPE);
	k->octets += length + 1u;
	if (k->octets + (length != 0) > CL_DNS_NAME_MAX)
		return fail(m, k, CL_ANOM_DNS_NAME_TOO_LONG);
	if (length == 0)
		return false;
	struct cl_span label = cl_cur_take(&k->at, length);
	if (k->at.err != CL_OK)
		return false;
	k->labels++;
	if (m->d != NULL)
		write_label(&k->w, label);
	return true;
}

/* A name that was read before and is only pointed to. */
static bool known(struct cl_dns_msg *m, struct cl_cur *c, struct cl_dns_shown *out)
{
	struct cl_cur at = *c;
	uint16_t pointer = cl_cur_u16(&at);
	uint16_t target = pointer & 0x3fff;
	const struct cl_dns_shown *kept = &m->kept[target % CL_DNS_NAMES_KEPT];

	if (at.err != CL_OK || pointer < 0xc000 || target >= c->pos || kept->at != target ||
	    kept->octets == 0)
		return false;
	*out = *kept;
	*c = at;
	return true;
}

static void keep(struct cl_dns_msg *m, const struct cl_dns_shown *name)
{
	if (name->at < POINTER_MAX && name->labels > 0)
		m->kept[name->at % CL_DNS_NAMES_KEPT] = *name;
}

/* The cursor that was given ends where the name does, or fails as the labels did. */
static bool finish(struct cl_dns_msg *m, struct cl_cur *c, struct walk *k, struct cl_dns_shown *out)
{
	uint32_t cost = k->octets + k->jumps * POINTER_COST;

	m->budget -= cost < m->budget ? cost : m->budget;
	if (k->at.err == CL_EMALF && !k->said)
		cl_dns_anomaly(m, CL_ANOM_DNS_NAME_NO_END);
	if (k->at.err != CL_OK && k->resume == 0) {
		*c = k->at;
		return false;
	}
	c->pos = k->resume != 0 ? k->resume : k->at.pos;
	if (k->lost || k->at.err != CL_OK)
		return true;
	out->octets = (uint16_t)k->octets;
	out->labels = (uint8_t)k->labels;
	if (k->labels == 0)
		out->text = cl_dns_words(".");
	else
		out->text = cl_detail_keep(m->d, k->w.text, k->w.used);
	return true;
}

bool cl_dns_show_name(struct cl_dns_msg *m, struct cl_cur *c, enum cl_dns_compression how,
		      struct cl_dns_shown *out)
{
	struct walk k;

	*out = (struct cl_dns_shown){ .at = (uint16_t)c->pos };
	if (c->err != CL_OK || (how == CL_DNS_COMPRESSED && known(m, c, out)))
		return c->err == CL_OK;
	if (m->budget == 0) { /* said when it ran out */
		cl_dns_name_skip(c);
		return c->err == CL_OK;
	}
	k.at = *c;
	k.name = k.start = c->pos;
	k.resume = k.octets = k.labels = k.jumps = k.w.used = 0;
	k.lost = k.said = false;
	while (step(m, &k, how)) /* a label or a jump to a lower place */
		;
	if (!finish(m, c, &k, out))
		return false;
	if (m->budget == 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_NAME_BUDGET);
	if (k.name == out->at && out->octets > 0 && k.resume != k.name + 2)
		keep(m, out);
	return true;
}

void cl_dns_put_name(struct cl_dns_msg *m, struct cl_cur *c, enum cl_dns_compression how,
		     const struct cl_field *f)
{
	struct cl_dns_shown name;

	if (cl_dns_show_name(m, c, how, &name) && name.octets > 0)
		cl_put_bytes(m->d, f, name.text);
	else if (name.octets == 0)
		m->rr.bad = true; /* said of the name */
}
