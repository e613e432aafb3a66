/* SPDX-License-Identifier: BSD-2-Clause */
/* Values for people. */
#include "cli/packet/dissect.h"
#include "cli/write/digits.h"
#include "dissect/ntp/time.h"
#include "stats/store/reasons.h"

#define BYTES_SHOWN 128u

bool cl_show_ntp_time(uint64_t stamp, int64_t frame_ns, int64_t *ns)
{
	return cl_ntp_time(stamp, frame_ns, ns);
}

void cl_show_reason(struct cl_out *out, const struct cl_detail *d)
{
	struct cl_undecoded_row row = { .kind = d->undecoded, .value = d->undecoded_value };
	char text[CL_REASON_LEN];

	cl_undecoded_text(&row, text);
	cl_out_str(out, text);
}

/* A number of a value, where there is room. */
static inline char *put_digits(char *p, const struct cl_attr *a)
{
	const struct cl_field *f = a->field;

	if (f->type == CL_V_INT && a->v.i < 0) {
		*p++ = '-';
		return cl_digits_u64(p, (uint64_t)0 - a->v.u);
	}
	if (f->base == CL_DEC || f->type == CL_V_INT)
		return cl_digits_u64(p, a->v.u);
	*p++ = '0';
	*p++ = 'x';
	return cl_digits_hexadecimal(p, a->v.u, f->base);
}

/* A number, with its name before it where it has one. */
static void put_number(struct cl_out *out, const struct cl_attr *a)
{
	const struct cl_field *f = a->field;
	const char *name = f->text != NULL ? f->text(a->v.u) : NULL;
	size_t n = name != NULL ? strlen(name) : 0;
	char *p = cl_out_room(out, n + 3 + CL_DIGITS_MAX);

	if (p == NULL)
		return;
	if (name != NULL) {
		memcpy(p, name, n);
		p += n;
		*p++ = ' ';
		*p++ = '(';
	}
	p = put_digits(p, a);
	if (name != NULL)
		*p++ = ')';
	out->used = (size_t)(p - out->at);
}

static void put_bool(struct cl_out *out, const struct cl_attr *a)
{
	const char *name = a->field->text != NULL ? a->field->text(a->v.u) : NULL;

	if (name != NULL)
		cl_out_str(out, name);
	else if (a->v.u != 0)
		cl_out_octets(out, "yes", 3);
	else
		cl_out_octets(out, "no", 2);
}

static void put_ntp_time(struct cl_out *out, uint64_t stamp, int64_t frame_ns)
{
	int64_t ns;
	char *p;

	if (cl_ntp_time(stamp, frame_ns, &ns)) {
		cl_out_time(out, ns);
		return;
	}
	p = cl_out_room(out, CL_DIGITS_MAX);
	if (p == NULL)
		return;
	p = cl_digits_hexadecimal(p, stamp >> 32, 8);
	*p++ = '.';
	out->used = (size_t)(cl_digits_hexadecimal(p, stamp & UINT32_MAX, 8) - out->at);
	if (stamp == 0)
		cl_out_octets(out, " (unknown)", 10);
}

/* People read a few; JSON has them all. */
static void put_bytes(struct cl_out *out, struct cl_span s)
{
	cl_out_bytes(out, (struct cl_span){ s.ptr, s.len < BYTES_SHOWN ? s.len : BYTES_SHOWN }, 0);
	if (s.len <= BYTES_SHOWN)
		return;
	cl_out_str(out, "... (");
	cl_out_u64(out, s.len);
	cl_out_str(out, " octets)");
}

void cl_show_value(struct cl_out *out, const struct cl_attr *a, int64_t frame_ns)
{
	switch (a->field->type) {
	case CL_V_UINT:
	case CL_V_INT:
		put_number(out, a);
		break;
	case CL_V_BOOL:
		put_bool(out, a);
		break;
	case CL_V_TEXT:
		cl_out_safe(out, (const char *)a->v.bytes.ptr, a->v.bytes.len);
		break;
	case CL_V_IP4:
		cl_out_ip4(out, (uint32_t)a->v.u);
		break;
	case CL_V_IP6:
		cl_out_ip6(out, a->v.bytes);
		break;
	case CL_V_ETHER:
		cl_out_bytes(out, a->v.bytes, ':');
		break;
	case CL_V_NTP_TIME:
		put_ntp_time(out, a->v.u, frame_ns);
		break;
	case CL_V_TIME:
		cl_out_time(out, a->v.i);
		break;
	case CL_V_DURATION:
		cl_out_seconds(out, a->v.i);
		cl_out_str(out, " s");
		break;
	case CL_V_REAL:
		cl_out_real(out, a->v.f);
		break;
	case CL_V_BYTES:
		put_bytes(out, a->v.bytes);
		break;
	default:
		break;
	}
}
