/* SPDX-License-Identifier: BSD-2-Clause */
/* Values for people. */
#include "cli/dissect.h"
#include "dissect/ntp/time.h"
#include "stats/reasons.h"

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

/* A number, with its name before it where it has one. */
static void put_number(struct cl_out *out, const struct cl_attr *a)
{
	const struct cl_field *f = a->field;
	const char *name = f->text != NULL ? f->text(a->v.u) : NULL;

	if (name != NULL) {
		cl_out_str(out, name);
		cl_out_str(out, " (");
	}
	if (f->type == CL_V_INT) {
		cl_out_i64(out, a->v.i);
	} else if (f->base != CL_DEC) {
		cl_out_str(out, "0x");
		cl_out_hex(out, a->v.u, f->base);
	} else {
		cl_out_u64(out, a->v.u);
	}
	if (name != NULL)
		cl_out_char(out, ')');
}

static void put_bool(struct cl_out *out, const struct cl_attr *a)
{
	const char *name = a->field->text != NULL ? a->field->text(a->v.u) : NULL;

	if (name == NULL)
		name = a->v.u != 0 ? "yes" : "no";
	cl_out_str(out, name);
}

static void put_ntp_time(struct cl_out *out, uint64_t stamp, int64_t frame_ns)
{
	int64_t ns;

	if (cl_ntp_time(stamp, frame_ns, &ns)) {
		cl_out_time(out, ns);
		return;
	}
	cl_out_hex(out, stamp >> 32, 8);
	cl_out_char(out, '.');
	cl_out_hex(out, stamp & UINT32_MAX, 8);
	if (stamp == 0)
		cl_out_str(out, " (unknown)");
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
