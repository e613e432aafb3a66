/* SPDX-License-Identifier: BSD-2-Clause */
/* The header of modes 0 to 5 (RFC 5905 sec. 7.3), of version 0 (RFC 958) and of version 5 (its drafts). */

#include "dissect/ntp/refid.h"
#include "dissect/ntp/show.h"
#include "dissect/ntp/state.h"
#include "dissect/ntp/time.h"

#define HEADER	      48u
#define MAXPOLL	      17   /* RFC 5905 sec. 7.2 */
#define MINPOLL	      (-7) /* chronyd's */
#define HIDDEN	      32   /* a precision that tells nothing (draft-ietf-ntp-data-minimization) */
#define UPGRADE_DRAFT UINT64_C(0x4e54503544524654) /* NTP5DRFT (draft-ietf-ntp-ntpv5) */
#define UPGRADE	      UINT64_C(0x4e5450354e545035) /* NTP5NTP5 */

const struct cl_protocol cl_ntp_protocol = { "ntp", "Network Time Protocol" };

static const char *leap_name(uint64_t v)
{
	static const char *const names[] = {
		"no warning",
		"last minute of the day has 61 seconds",
		"last minute of the day has 59 seconds",
		"unknown (clock unsynchronized)",
	};

	return v < 4 ? names[v] : NULL;
}

const char *cl_ntp_mode_name(uint64_t v)
{
	static const char *const names[] = {
		"reserved",
		"symmetric active",
		"symmetric passive",
		"client",
		"server",
		"broadcast",
		"reserved for NTP control message",
		"reserved for private use",
	};

	return v < 8 ? names[v] : NULL;
}

static const char *stratum_name(uint64_t v)
{
	if (v == 0)
		return "unspecified or invalid";
	if (v == 1)
		return "primary reference";
	if (v < 16)
		return "secondary reference";
	return v == 16 ? "unsynchronized" : "reserved";
}

/* The octet is signed: seconds are 2 to its power. */
static const char *precision_name(uint64_t v)
{
	static const char *const below[] = { "-1",  "-2",  "-3",  "-4",	 "-5",	"-6",  "-7",  "-8",
					     "-9",  "-10", "-11", "-12", "-13", "-14", "-15", "-16",
					     "-17", "-18", "-19", "-20", "-21", "-22", "-23", "-24",
					     "-25", "-26", "-27", "-28", "-29", "-30", "-31", "-32" };

	if (v == HIDDEN)
		return "hidden";
	return v < 256 && 256 - v <= sizeof below / sizeof *below ? below[255 - v] : NULL;
}

static const struct cl_header_row flags_rows[] = {
	CL_ROWS(0, 1, 4),
	{ { "ntp.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0 },
	{ { "ntp.flags.li", "Leap Indicator", CL_V_UINT, CL_DEC, 0, leap_name }, 0, 1, 0xc0 },
	{ { "ntp.flags.vn", "Version number", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0x38 },
	{ { "ntp.flags.mode", "Mode", CL_V_UINT, CL_DEC, 0, cl_ntp_mode_name }, 0, 1, 0x07 },
};
static const struct cl_header_row private_rows[] = {
	{ { "ntp.priv.flags.r", "Response bit", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0x80 },
	{ { "ntp.priv.flags.more", "More bit", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0x40 },
};
const struct cl_header_row cl_ntp_first_rows[4] = {
	CL_ROWS(1, 3, 3),
	{ { "ntp.stratum", "Peer Clock Stratum", CL_V_UINT, CL_DEC, 0, stratum_name }, 1, 1, 0 },
	{ { "ntp.ppoll", "Peer Polling Interval, log2 s", CL_V_UINT, CL_DEC, 0, NULL }, 2, 1, 0 },
	{ { "ntp.precision", "Peer Clock Precision, log2 s", CL_V_UINT, CL_DEC, 0, precision_name },
	  3,
	  1,
	  0 },
};
const struct cl_header_row cl_ntp_root_rows[2] = {
	{ { "ntp.rootdelay", "Root Delay (16.16)", CL_V_UINT, CL_DEC, 0, NULL }, 4, 4, 0 },
	{ { "ntp.rootdispersion", "Root Dispersion (16.16)", CL_V_UINT, CL_DEC, 0, NULL }, 8, 4, 0 },
};
const struct cl_header_row cl_ntp_refid_rows[3] = {
	{ { "ntp.refid", "Reference ID", CL_V_BYTES, CL_DEC, 0, NULL }, 12, 4, 0 },
	{ { "ntp.reftime", "Reference Timestamp", CL_V_NTP_TIME, CL_DEC, 0, NULL }, 16, 8, 0 },
	{ { "ntp.org", "Origin Timestamp", CL_V_NTP_TIME, CL_DEC, 0, NULL }, 24, 8, 0 },
};
const struct cl_header_row cl_ntp_stamp_rows[2] = {
	{ { "ntp.rec", "Receive Timestamp", CL_V_NTP_TIME, CL_DEC, 0, NULL }, 32, 8, 0 },
	{ { "ntp.xmt", "Transmit Timestamp", CL_V_NTP_TIME, CL_DEC, 0, NULL }, 40, 8, 0 },
};

/* RFC 958 sec. 5: the first three words. */
static const struct cl_header_row v0_rows[] = {
	{ { "ntp.v0.status", "Status (RFC 958)", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0x3f },
	{ { "ntp.v0.type", "Reference Clock Type (RFC 958)", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0 },
	{ { "ntp.v0.precision", "Precision (RFC 958)", CL_V_INT, CL_DEC, 0, NULL }, 2, 2, 0 },
	{ { "ntp.v0.error", "Estimated Error (RFC 958)", CL_V_UINT, CL_HEX32, 0, NULL }, 4, 4, 0 },
	{ { "ntp.v0.drift", "Estimated Drift Rate (RFC 958)", CL_V_UINT, CL_HEX32, 0, NULL }, 8, 4, 0 },
};

static const char *timescale_name(uint64_t v)
{
	static const char *const names[] = { "UTC", "TAI", "UT1", "leap-smeared UTC" };

	return v < 4 ? names[v] : NULL;
}

/* draft-ietf-ntp-ntpv5; drafts up to -02 have timescale, era and flags before the root's words. */
static const struct cl_header_row v5_scale[] = {
	{ { "ntp.v5.timescale", "Timescale", CL_V_UINT, CL_DEC, 0, timescale_name }, 0, 1, 0 },
	{ { "ntp.v5.era", "Era", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0 },
	{ { "ntp.v5.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL }, 2, 2, 0 },
};
static const struct cl_header_row v5_flags[] = {
	{ { "ntp.v5.flags.synchronized", "Synchronized", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 1 },
};
static const struct cl_header_row v5_old_flags[] = {
	{ { "ntp.v5.flags.unknown_leap", "Unknown leap", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 1 },
};
static const struct cl_header_row v5_more_flags[] = {
	{ { "ntp.v5.flags.interleaved", "Interleaved", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 2 },
	{ { "ntp.v5.flags.auth_nak", "Authentication NAK", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 4 },
};
static const struct cl_header_row v5_root[] = {
	{ { "ntp.v5.rootdelay", "Root Delay (4.28)", CL_V_UINT, CL_DEC, 0, NULL }, 0, 4, 0 },
	{ { "ntp.v5.rootdispersion", "Root Dispersion (4.28)", CL_V_UINT, CL_DEC, 0, NULL }, 4, 4, 0 },
};
static const struct cl_header_row v5_cookies[] = {
	{ { "ntp.v5.server_cookie", "Server Cookie", CL_V_BYTES, CL_DEC, 0, NULL }, 16, 8, 0 },
	{ { "ntp.v5.client_cookie", "Client Cookie", CL_V_BYTES, CL_DEC, 0, NULL }, 24, 8, 0 },
};

#define DERIVED(id, name, label, type)                                                                       \
	static const struct cl_field id = { name, label, type, CL_DEC, CL_FD_GENERATED, NULL }
DERIVED(f_poll_s, "ntp.ppoll_s", "Polling interval in seconds", CL_V_REAL);
DERIVED(f_precision_s, "ntp.precision_s", "Precision in seconds", CL_V_REAL);
DERIVED(f_delay_s, "ntp.rootdelay_s", "Root delay", CL_V_DURATION);
DERIVED(f_dispersion_s, "ntp.rootdispersion_s", "Root dispersion", CL_V_DURATION);
DERIVED(f_distance_s, "ntp.rootdistance_s", "Root distance", CL_V_DURATION);
DERIVED(f_age_s, "ntp.reference_age_s", "Reference age", CL_V_DURATION);
DERIVED(f_turnaround_s, "ntp.turnaround_s", "Turnaround", CL_V_DURATION);
DERIVED(f_capture_s, "ntp.capture_offset_s", "Capture time minus transmit time", CL_V_DURATION);
DERIVED(f_upgrade, "ntp.v5.upgrade", "Asks for version 5", CL_V_BOOL);

void cl_ntp_show_flags(struct cl_ntp_show *s)
{
	if (s->mode == 7) { /* has other bits in the leap indicator's place */
		cl_put_header(s->d, s->start, flags_rows + 1, 1);
		CL_PUT_HEADER(s->d, s->start, private_rows);
		cl_put_header(s->d, s->start, flags_rows + 3, 2);
	} else {
		CL_PUT_HEADER(s->d, s->start, flags_rows);
	}
}

/* 2 to the power of an octet with a sign. */
static double power_of_2(uint8_t exponent)
{
	int e = (int8_t)exponent;
	double v = 1;

	for (; e > 0; e--)
		v *= 2;
	for (; e < 0; e++)
		v /= 2;
	return v;
}

struct header {
	uint8_t poll, precision;
	uint32_t delay, dispersion, refid;
	uint64_t reftime, org, rec, xmt;
};

/* False if not all of it was kept. */
static bool read_all(struct cl_cur c, struct header *h)
{
	cl_cur_skip(&c, 2);
	h->poll = cl_cur_u8(&c);
	h->precision = cl_cur_u8(&c);
	h->delay = cl_cur_u32(&c);
	h->dispersion = cl_cur_u32(&c);
	h->refid = cl_cur_u32(&c);
	h->reftime = cl_cur_u64(&c);
	h->org = cl_cur_u64(&c);
	h->rec = cl_cur_u64(&c);
	h->xmt = cl_cur_u64(&c);
	return c.err == CL_OK;
}

/* Whether the message gives the time: modes 4, 5 and 2 with a stratum and a clock that is set. */
static bool gives_time(const struct cl_ntp_show *s, uint8_t leap)
{
	return (s->mode == 4 || s->mode == 5 || s->mode == 2) && s->stratum > 0 && s->stratum < 16 &&
	       leap != 3;
}

static void show_root(struct cl_ntp_show *s, const struct header *h)
{
	bool negative = s->version <= 3 && h->delay >> 31 != 0; /* signed in RFC 1305 */
	int64_t delay = cl_ntp_fixed_ns(negative ? -h->delay : h->delay, 16);
	int64_t dispersion = cl_ntp_fixed_ns(h->dispersion, 16);

	if (negative)
		delay = -delay;
	if (negative)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_NEGATIVE_DELAY);
	cl_put_int(s->d, &f_delay_s, delay);
	cl_put_int(s->d, &f_dispersion_s, dispersion);
	if (s->stratum > 0 && s->stratum < 16)
		cl_put_int(s->d, &f_distance_s, delay / 2 + dispersion);
}

/*
 * What follows from the stamps of a message that gives the time. A transmit time before the receive time is
 * that of another packet: interleaved (RFC 9769), and no turnaround.
 */
static void show_times(struct cl_ntp_show *s, const struct header *h)
{
	int64_t xmt;

	if (h->reftime != 0 && h->xmt != 0) {
		int64_t age = cl_ntp_difference(h->xmt, h->reftime);

		cl_put_int(s->d, &f_age_s, age);
		if (age < 0)
			cl_pkt_anomaly(s->p, CL_ANOM_NTP_REFERENCE_AHEAD);
	}
	if (s->mode != 5 && h->rec != 0 && h->xmt != 0) {
		int64_t turnaround = cl_ntp_difference(h->xmt, h->rec);

		if (turnaround >= 0)
			cl_put_int(s->d, &f_turnaround_s, turnaround);
	}
	if (cl_ntp_time(h->xmt, s->p->frame->time_ns, &xmt)) {
		int64_t offset;

		if (!__builtin_sub_overflow(s->p->frame->time_ns, xmt, &offset))
			cl_put_int(s->d, &f_capture_s, offset);
	}
}

/* Of the octets poll and precision, where they are sane. */
static void put_powers(struct cl_detail *d, uint64_t both)
{
	uint8_t poll = (uint8_t)(both >> 8), precision = (uint8_t)both;

	if ((int8_t)poll <= 31 && (int8_t)poll >= -31)
		cl_put_real(d, &f_poll_s, power_of_2(poll));
	if (precision != HIDDEN && (int8_t)precision <= 31 && (int8_t)precision >= -63)
		cl_put_real(d, &f_precision_s, power_of_2(precision));
}

static void show_poll(struct cl_ntp_show *s, const struct header *h)
{
	static const struct cl_bundle powers = CL_BUNDLE(put_powers);

	if ((int8_t)h->poll > MAXPOLL || (int8_t)h->poll < MINPOLL)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_BAD_POLL);
	cl_put_bundle(s->d, &powers, (uint64_t)h->poll << 8 | h->precision);
}

static const char *role_name(unsigned mode)
{
	static const char *const names[] = { "mode 0", "symmetric active", "symmetric passive",
					     "client", "server",	   "broadcast" };

	return mode < 6 ? names[mode] : "";
}

static void say(struct cl_ntp_show *s, enum cl_refid_kind kind, const char *code)
{
	const char *role = role_name(s->mode);
	unsigned v = s->version;

	if (kind == CL_REFID_KISS)
		cl_put_info(s->d, "NTPv%u %s, kiss code %s", v, role, code);
	else if (kind == CL_REFID_CLOCK)
		cl_put_info(s->d, "NTPv%u %s, stratum 1 %s", v, role, code);
	else if (s->mode == 3 || s->stratum == 0)
		cl_put_info(s->d, "NTPv%u %s", v, role);
	else
		cl_put_info(s->d, "NTPv%u %s, stratum %u", v, role, s->stratum);
}

static void check_first(struct cl_ntp_show *s)
{
	if (s->version == 0 || s->version > 5)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_BAD_VERSION);
	if (s->mode == 0 && s->version > 1)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_BAD_MODE);
	if (s->stratum > 16 && s->version != 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_BAD_STRATUM);
}

static void show_derived(struct cl_ntp_show *s, const struct header *h, uint8_t leap)
{
	enum cl_refid_kind kind;
	char code[5];

	show_poll(s, h);
	show_root(s, h);
	kind = cl_refid_put(s->d, h->refid, s->mode, s->stratum, s->p->ntp != NULL ? s->p->ntp->refids : NULL,
			    code);
	if (kind == CL_REFID_OTHER)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_BAD_REFID);
	s->nak = kind == CL_REFID_KISS && h->refid == 0x4e54534e; /* NTSN */
	if (gives_time(s, leap))
		show_times(s, h);
	if (h->reftime == UPGRADE_DRAFT || h->reftime == UPGRADE)
		cl_put_uint(s->d, &f_upgrade, 1);
	say(s, kind, code);
}

void cl_ntp_show_header(struct cl_ntp_show *s)
{
	struct cl_cur c = s->start;
	uint8_t leap = cl_cur_u8(&c) >> 6;
	struct header h;

	if (s->version == 0) {
		CL_PUT_HEADER(s->d, s->start, v0_rows);
	} else {
		CL_PUT_HEADER(s->d, s->start, cl_ntp_first_rows);
		CL_PUT_HEADER(s->d, s->start, cl_ntp_root_rows);
	}
	CL_PUT_HEADER(s->d, s->start, cl_ntp_refid_rows);
	CL_PUT_HEADER(s->d, s->start, cl_ntp_stamp_rows);
	if (!read_all(s->start, &h)) {
		cl_put_info(s->d, "NTPv%u %s", s->version, role_name(s->mode));
		return;
	}
	check_first(s);
	if (s->version == 0)
		cl_put_info(s->d, "NTPv0 %s", role_name(s->mode));
	else
		show_derived(s, &h, leap);
}

/* The number at the end of a draft's name, such as draft-ietf-ntp-ntpv5-02; -1 if there is none. */
static int draft_number(struct cl_span name)
{
	struct cl_cur c = cl_cur_make(name.ptr, name.len, name.len);
	int n = -1;

	while (cl_cur_left(&c) > 0) {
		uint8_t o = cl_cur_u8(&c);

		if (o == '-')
			n = 0;
		else if (n >= 0 && o >= '0' && o <= '9' && n < 1000)
			n = n * 10 + (o - '0');
		else if (o != 0)
			n = -1;
	}
	return n;
}

struct draft {
	bool found;
	int number;
};

static void find_draft(void *ctx, const struct cl_ntp_part *part)
{
	struct draft *d = ctx;
	struct cl_cur c = part->octets;

	if (part->kind != CL_NTP_PART_FIELD || part->type != 0xf5ff || d->found)
		return;
	cl_cur_skip(&c, 4);
	d->found = true;
	d->number = draft_number(cl_cur_take(&c, cl_cur_left(&c)));
}

/* A server of version 4 may answer with its own header and version 5: it knows no client cookie. */
static bool is_v4_answer(const struct cl_ntp_show *s, const struct header *h, bool draft)
{
	return s->mode == 4 && !draft && h->org == 0;
}

static void show_v5_scale(struct cl_ntp_show *s, struct cl_cur at, bool old)
{
	CL_PUT_HEADER(s->d, at, v5_scale);
	if (old)
		CL_PUT_HEADER(s->d, at, v5_old_flags);
	else
		CL_PUT_HEADER(s->d, at, v5_flags);
	CL_PUT_HEADER(s->d, at, v5_more_flags);
}

static void check_v5(struct cl_ntp_show *s, struct cl_cur scale)
{
	if (cl_cur_u8(&scale) > 3)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP5_TIMESCALE);
	cl_cur_skip(&scale, 1);
	if ((cl_cur_u16(&scale) & ~7u) != 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP5_FLAGS);
	if (s->mode != 3 && s->mode != 4)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP5_MODE);
}

static void show_v5_root(struct cl_ntp_show *s, struct cl_cur at)
{
	CL_PUT_HEADER(s->d, at, v5_root);
	uint32_t delay = cl_cur_u32(&at), dispersion = cl_cur_u32(&at);

	if (at.err != CL_OK)
		return;
	cl_put_int(s->d, &f_delay_s, cl_ntp_fixed_ns(delay, 28));
	cl_put_int(s->d, &f_dispersion_s, cl_ntp_fixed_ns(dispersion, 28));
}

void cl_ntp_show_v5(struct cl_ntp_show *s)
{
	struct draft draft = { false, -1 };
	struct cl_cur c = s->start, root = s->start, scale = s->start;
	struct header h;

	cl_cur_skip(&c, HEADER);
	if (c.err == CL_OK)
		cl_ntp_tail_walk(&c, 5, find_draft, &draft);
	bool all = read_all(s->start, &h);
	if (all && is_v4_answer(s, &h, draft.found)) {
		cl_ntp_show_header(s);
		return;
	}
	bool old = draft.found && draft.number >= 0 && draft.number <= 2;
	cl_cur_skip(&scale, old ? 4 : 12);
	cl_cur_skip(&root, old ? 8 : 4);
	CL_PUT_HEADER(s->d, s->start, cl_ntp_first_rows);
	if (old)
		show_v5_scale(s, scale, old);
	show_v5_root(s, root);
	if (!old)
		show_v5_scale(s, scale, old);
	CL_PUT_HEADER(s->d, s->start, v5_cookies);
	CL_PUT_HEADER(s->d, s->start, cl_ntp_stamp_rows);
	cl_put_info(s->d, "NTPv5 %s", role_name(s->mode));
	if (all)
		check_v5(s, scale);
}
