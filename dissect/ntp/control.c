/* SPDX-License-Identifier: BSD-2-Clause */
/* Mode 6, control messages (RFC 9327; ntp_control.h where it says more). */
#include "dissect/ntp/answers.h"
#include "dissect/ntp/show.h"
#include "dissect/ntp/state.h"

#define HEADER	    12u
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define NAMES(fn, rows)                                                                                      \
	static const char *fn(uint64_t v)                                                                    \
	{                                                                                                    \
		return v < COUNT(rows) ? (rows)[v] : NULL;                                                   \
	}

enum {
	OP_READSTAT = 1,
	OP_READVAR,
	OP_WRITEVAR,
	OP_READCLOCK,
	OP_WRITECLOCK,
	OP_SETTRAP,
	OP_ASYNC,
	OP_CONFIGURE,
	OP_SAVECONFIG,
	OP_READ_MRU,
	OP_READ_ORDLIST,
	OP_REQ_NONCE,
	OP_UNSETTRAP = 31
};

static const struct cl_name opcodes[] = {
	{ 0, "reserved" },
	{ OP_READSTAT, "read status" },
	{ OP_READVAR, "read variables" },
	{ OP_WRITEVAR, "write variables" },
	{ OP_READCLOCK, "read clock variables" },
	{ OP_WRITECLOCK, "write clock variables" },
	{ OP_SETTRAP, "set trap address/port" },
	{ OP_ASYNC, "asynchronous message" },
	{ OP_CONFIGURE, "runtime configuration" },
	{ OP_SAVECONFIG, "save config to file" },
	{ OP_READ_MRU, "retrieve MRU" },
	{ OP_READ_ORDLIST, "retrieve ordered list" },
	{ OP_REQ_NONCE, "request a client nonce" },
	{ OP_UNSETTRAP, "unset trap address/port" },
};

static const char *opcode_name(uint64_t v)
{
	return cl_name_find(opcodes, COUNT(opcodes), v);
}

static const char *const leaps[] = { "no warning", "last minute of the day has 61 seconds",
				     "last minute of the day has 59 seconds",
				     "unknown (clock unsynchronized)" };
static const char *const sources[] = {
	"unspecified or unknown",
	"calibrated atomic clock",
	"VLF or LF radio",
	"HF radio",
	"UHF satellite",
	"local net",
	"UDP/NTP",
	"UDP/TIME",
	"eyeball-and-wristwatch",
	"telephone modem",
};
static const char *const system_events[] = {
	"unspecified",
	"frequency file not available",
	"frequency set",
	"spike detected",
	"frequency training started",
	"clock synchronized",
	"system restart",
	"panic stop",
	"no system peer",
	"leap second armed",
	"leap second disarmed",
	"leap second inserted or deleted",
	"clock stepped",
	"kernel discipline status changed",
	"leap seconds table loaded",
	"leap seconds table outdated",
};
static const char *const peer_events[] = {
	"unspecified",
	"association mobilized",
	"association demobilized",
	"peer unreachable",
	"peer reachable",
	"association restarted or timed out",
	"no server found",
	"rate exceeded",
	"access denied",
	"leap armed from server",
	"become system peer",
	"reference clock event",
	"authentication failure",
	"popcorn spike suppressed",
	"entering interleaved mode",
	"interleaved error (recovered)",
};
static const char *const selections[] = { "rejected",  "falseticker", "excess",	     "outlier",
					  "candidate", "backup",      "system peer", "PPS peer" };
static const char *const clock_states[] = { "operating within nominals", "reply timeout",
					    "bad reply format",		 "hardware or software fault",
					    "propagation failure",	 "bad date format or value",
					    "bad time format or value" };
static const char *const errors[] = {
	"unspecified",
	"authentication failure",
	"invalid message length or format",
	"invalid opcode",
	"unknown association",
	"unknown variable name",
	"invalid variable value",
	"administratively prohibited",
};
NAMES(leap_name, leaps)
NAMES(source_name, sources)
NAMES(system_event_name, system_events)
NAMES(peer_event_name, peer_events)
NAMES(selection_name, selections)
NAMES(clock_name, clock_states)
NAMES(error_name, errors)

static const char *direction_name(uint64_t v)
{
	return v != 0 ? "Response" : "Request";
}

static const struct cl_header_row header_rows[] = {
	{ { "ntp.ctrl.flags2", "Flags 2", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
	{ { "ntp.ctrl.flags2.r", "Response bit", CL_V_UINT, CL_DEC, 0, direction_name }, 1, 1, 0x80 },
	{ { "ntp.ctrl.flags2.error", "Error bit", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0x40 },
	{ { "ntp.ctrl.flags2.more", "More bit", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0x20 },
	{ { "ntp.ctrl.flags2.opcode", "Opcode", CL_V_UINT, CL_DEC, 0, opcode_name }, 1, 1, 0x1f },
	{ { "ntp.ctrl.sequence", "Sequence", CL_V_UINT, CL_DEC, 0, NULL }, 2, 2, 0 },
};
static const struct cl_header_row rest_rows[] = {
	{ { "ntp.ctrl.offset", "Offset", CL_V_UINT, CL_DEC, 0, NULL }, 8, 2, 0 },
	{ { "ntp.ctrl.count", "Count", CL_V_UINT, CL_DEC, 0, NULL }, 10, 2, 0 },
};
/* Status words: these stand at the word itself. */
static const struct cl_header_row status_row[] = {
	{ { "ntp.ctrl.status", "Status", CL_V_UINT, CL_HEX16, 0, NULL }, 0, 2, 0 },
};
static const struct cl_header_row associd_row[] = {
	{ { "ntp.ctrl.associd", "AssociationID", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0 },
};
static const struct cl_header_row error_row[] = {
	{ { "ntp.ctrl.err_status", "Error Status Word", CL_V_UINT, CL_DEC, 0, error_name }, 0, 2, 0xff00 },
};
static const struct cl_header_row system_rows[] = {
	{ { "ntp.ctrl.sys_status.li", "Leap Indicator", CL_V_UINT, CL_DEC, 0, leap_name }, 0, 2, 0xc000 },
	{ { "ntp.ctrl.sys_status.clksrc", "Clock Source", CL_V_UINT, CL_DEC, 0, source_name }, 0, 2, 0x3f00 },
	{ { "ntp.ctrl.sys_status.count", "System Event Counter", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0x00f0 },
	{ { "ntp.ctrl.sys_status.code", "System Event Code", CL_V_UINT, CL_DEC, 0, system_event_name },
	  0,
	  2,
	  0x000f },
};
static const struct cl_header_row peer_rows[] = {
	{ { "ntp.ctrl.peer_status.config", "Configured", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 2, 0x8000 },
	{ { "ntp.ctrl.peer_status.authenable", "Authentication enabled", CL_V_BOOL, CL_DEC, 0, NULL },
	  0,
	  2,
	  0x4000 },
	{ { "ntp.ctrl.peer_status.authentic", "Authentic", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 2, 0x2000 },
	{ { "ntp.ctrl.peer_status.reach", "Reachable", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 2, 0x1000 },
	{ { "ntp.ctrl.peer_status.bcast", "Broadcast association", CL_V_BOOL, CL_DEC, 0, NULL },
	  0,
	  2,
	  0x0800 },
	{ { "ntp.ctrl.peer_status.selection", "Peer Selection", CL_V_UINT, CL_DEC, 0, selection_name },
	  0,
	  2,
	  0x0700 },
	{ { "ntp.ctrl.peer_status.count", "Peer Event Counter", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0x00f0 },
	{ { "ntp.ctrl.peer_status.code", "Peer Event Code", CL_V_UINT, CL_DEC, 0, peer_event_name },
	  0,
	  2,
	  0x000f },
};
/* The code is four bits and its counter another four (RFC 9327). */
static const struct cl_header_row clock_rows[] = {
	{ { "ntp.ctrl.clock_status.status", "Clock Status", CL_V_UINT, CL_DEC, 0, clock_name },
	  0,
	  2,
	  0xff00 },
	{ { "ntp.ctrl.clock_status.count", "Clock Event Counter", CL_V_UINT, CL_DEC, 0, NULL },
	  0,
	  2,
	  0x00f0 },
	{ { "ntp.ctrl.clock_status.code", "Clock Event Code", CL_V_UINT, CL_DEC, 0, clock_name },
	  0,
	  2,
	  0x000f },
};

#define FIELD(id, name, label, type) static const struct cl_field id = { name, label, type, CL_DEC, 0, NULL }
FIELD(f_data, "ntp.ctrl.data", "Data", CL_V_GROUP);
FIELD(f_item, "ntp.ctrl.item", "Item", CL_V_OBJECT);
FIELD(f_variable, "ntp.ctrl.variable", "Variable", CL_V_OBJECT);
FIELD(f_name, "ntp.ctrl.variable.name", "Name", CL_V_TEXT);
FIELD(f_value, "ntp.ctrl.variable.value", "Value", CL_V_TEXT);
FIELD(f_trap, "ntp.ctrl.trapmsg", "Trap message", CL_V_TEXT);
FIELD(f_configuration, "ntp.ctrl.configuration", "Configuration", CL_V_TEXT);
FIELD(f_mru, "ntp.ctrl.mru", "MRU", CL_V_TEXT);
FIELD(f_ordlist, "ntp.ctrl.ordlist", "Ordered List", CL_V_TEXT);
FIELD(f_nonce, "ntp.ctrl.nonce", "Nonce", CL_V_TEXT);
FIELD(f_raw, "ntp.ctrl.octets", "Octets", CL_V_BYTES);
static const struct cl_field f_part = { "ntp.ctrl.part", "Part of an answer in several packets",
					CL_V_BOOL,	 CL_DEC,
					CL_FD_GENERATED, NULL };
static const struct cl_field f_whole = {
	"ntp.ctrl.reassembled.length", "Octets of the whole answer", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL
};

const struct cl_field cl_ntp_f_padding = { "ntp.padding", "Padding", CL_V_BYTES, CL_DEC, 0, NULL };

static const char *key_type_name(uint64_t v)
{
	return v == 0 ? "MD5" : "SHA";
}

static const struct cl_field f_key_type = { "ntp.key_type", "Key type",	     CL_V_UINT,
					    CL_DEC,	    CL_FD_GENERATED, key_type_name };
static const struct cl_field f_key_index = { "ntp.key_index", "KeyIndex", CL_V_UINT, CL_HEX32, 0, NULL };
static const struct cl_field f_key_signature = {
	"ntp.key_signature", "Signature", CL_V_BYTES, CL_DEC, 0, NULL
};

/* A control message's head. */
struct control {
	bool response, error, more;
	uint8_t opcode;
	uint16_t sequence, association, offset, count;
};

static void show_status(struct cl_ntp_show *s, struct cl_cur at, const struct control *m)
{
	CL_PUT_HEADER(s->d, at, status_row);
	if (!m->response)
		return;
	if (m->error) {
		CL_PUT_HEADER(s->d, at, error_row);
		return;
	}
	switch (m->opcode) {
	case OP_READSTAT:
	case OP_READVAR:
	case OP_WRITEVAR:
	case OP_ASYNC:
		if (m->association == 0)
			CL_PUT_HEADER(s->d, at, system_rows);
		else
			CL_PUT_HEADER(s->d, at, peer_rows);
		break;
	case OP_READCLOCK:
	case OP_WRITECLOCK:
		CL_PUT_HEADER(s->d, at, clock_rows);
		break;
	default:
		break;
	}
}

/* Association identifiers and their status words. */
static void show_associations(struct cl_ntp_show *s, struct cl_cur c)
{
	while (cl_cur_left(&c) >= 4 && cl_cur_kept(&c) >= 4) {
		struct cl_cur at = c;

		cl_put_group(s->d, &f_item, NULL);
		CL_PUT_HEADER(s->d, at, associd_row);
		cl_cur_skip(&at, 2);
		CL_PUT_HEADER(s->d, at, status_row);
		CL_PUT_HEADER(s->d, at, peer_rows);
		cl_put_end(s->d);
		cl_cur_skip(&c, 4);
	}
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0;
}

static struct cl_span trim(struct cl_cur c, uint32_t n)
{
	struct cl_cur look = c;

	while (n > 0 && is_blank(cl_cur_peek(&c))) {
		cl_cur_skip(&c, 1);
		n--;
	}
	for (uint32_t keep = 0, i = 0;; i++) {
		look = c;
		cl_cur_skip(&look, i);
		if (i == n)
			return cl_cur_take(&c, keep);
		if (!is_blank(cl_cur_u8(&look)))
			keep = i + 1;
	}
}

/* Puts `n` octets of name=value. */
static void show_variable(struct cl_ntp_show *s, struct cl_cur c, uint32_t n)
{
	struct cl_cur look = c;
	uint32_t equals = 0;
	struct cl_span name, value;

	while (equals < n && cl_cur_u8(&look) != '=')
		equals++;
	name = trim(c, equals);
	if (name.len == 0 && equals == n)
		return;
	cl_put_group(s->d, &f_variable, "%.*s", (int)(name.len < 64 ? name.len : 64), (const char *)name.ptr);
	cl_put_bytes(s->d, &f_name, name);
	if (equals < n) {
		cl_cur_skip(&c, equals + 1);
		value = trim(c, n - equals - 1);
		struct cl_cur v = cl_cur_make(value.ptr, value.len, value.len);
		if (value.len >= 2 && cl_cur_peek(&v) == '"') {
			cl_cur_skip(&v, value.len - 1);
			bool quoted = cl_cur_u8(&v) == '"';

			v = cl_cur_make(value.ptr, value.len, value.len);
			if (quoted) {
				cl_cur_skip(&v, 1);
				value = cl_cur_take(&v, value.len - 2);
			}
		}
		cl_put_bytes(s->d, &f_value, value);
	}
	cl_put_end(s->d);
}

/* A list: commas separate, but not within quotes. */
static void show_variables(struct cl_ntp_show *s, struct cl_span text)
{
	struct cl_cur c = cl_cur_make(text.ptr, text.len, text.len), from = c;
	bool quoted = false;
	uint32_t n = 0;

	while (cl_cur_left(&c) > 0) {
		uint8_t o = cl_cur_u8(&c);

		if (o == '"')
			quoted = !quoted;
		if (o == ',' && !quoted) {
			show_variable(s, from, n);
			from = c;
			n = 0;
		} else {
			n++;
		}
	}
	show_variable(s, from, n);
}

/* The field that Wireshark has for the data of an opcode as it is; NULL for none. */
static const struct cl_field *text_field(uint8_t opcode)
{
	switch (opcode) {
	case OP_ASYNC:
		return &f_trap;
	case OP_CONFIGURE:
	case OP_SAVECONFIG:
		return &f_configuration;
	case OP_READ_MRU:
		return &f_mru;
	case OP_READ_ORDLIST:
		return &f_ordlist;
	case OP_REQ_NONCE:
		return &f_nonce;
	default:
		return NULL;
	}
}

/* Whether an opcode's data is a list of variables. */
static bool has_variables(const struct control *m)
{
	switch (m->opcode) {
	case OP_READSTAT:
		return m->association != 0;
	case OP_READVAR:
	case OP_WRITEVAR:
	case OP_READCLOCK:
	case OP_WRITECLOCK:
	case OP_ASYNC:
	case OP_READ_MRU:
	case OP_READ_ORDLIST:
	case OP_REQ_NONCE:
		return true;
	default:
		return false;
	}
}

/* Data that came whole, or has just become so. */
static void show_whole(struct cl_ntp_show *s, const struct control *m, struct cl_span data)
{
	if (m->opcode == OP_READSTAT && m->association == 0)
		show_associations(s, cl_cur_make(data.ptr, data.len, data.len));
	else if (has_variables(m))
		show_variables(s, data);
	else if (text_field(m->opcode) == NULL)
		cl_put_bytes(s->d, &f_raw, data);
}

/* A part of an answer: shown when the last one is there. Inside a quote nothing is remembered. */
static void join(struct cl_ntp_show *s, const struct control *m, struct cl_span part)
{
	const struct cl_event *ev = s->p->ev;
	struct cl_ntp_answer_key key = { ev->src,     ev->dst,	      ev->sport, ev->dport,
					 m->sequence, m->association, m->opcode };
	struct cl_span whole;
	bool differs;

	cl_put_uint(s->d, &f_part, 1);
	if (s->p->ntp == NULL || cl_pkt_quoted(s->p))
		return;
	if (cl_ntp_answers_add(s->p->ntp->answers, &key, s->p->frame->time_ns, m->offset, part, m->more,
			       &whole, &differs) == CL_NTP_JOIN_WHOLE) {
		cl_put_uint(s->d, &f_whole, whole.len);
		show_whole(s, m, whole);
	}
	if (differs)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_CONTROL_OVERLAP);
}

static void show_data(struct cl_ntp_show *s, const struct control *m, struct cl_cur *c)
{
	const struct cl_field *f = text_field(m->opcode);
	struct cl_span data;

	if (m->count == 0)
		return;
	cl_put_group(s->d, &f_data, NULL);
	data = cl_cur_take(c, m->count);
	if (c->err == CL_EMALF) {
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_CONTROL_COUNT);
	} else if (c->err == CL_OK) {
		if (f != NULL)
			cl_put_bytes(s->d, f, data);
		if (m->response && (m->more || m->offset != 0))
			join(s, m, data);
		else
			show_whole(s, m, data);
	}
	cl_put_end(s->d);
}

/*
 * What stands behind the data and its padding to a word: key identifier and digest. ntpq pads to 8 octets
 * before it: 4 octets of zero and MD5 are as long as SHA-1, but no key has number 0.
 */
static void show_authenticator(struct cl_ntp_show *s, struct cl_cur c)
{
	uint32_t behind = c.pos - s->start.pos, pad = -behind & 3u, rest = cl_cur_left(&c);
	struct cl_cur look = c;

	if (c.err != CL_OK || rest < pad + 20)
		return;
	rest -= pad;
	cl_cur_skip(&look, pad);
	if (rest == 28 || (rest == 24 && cl_cur_u32(&look) == 0))
		pad += 4;
	if (rest != 20 && rest != 24 && rest != 28)
		return;
	struct cl_span padding = cl_cur_take(&c, pad);
	struct cl_cur mac = c;
	uint32_t keyid = cl_cur_u32(&c);
	struct cl_span digest = cl_cur_take(&c, cl_cur_left(&c));
	if (c.err != CL_OK)
		return;
	if (padding.len > 0)
		cl_put_bytes(s->d, &cl_ntp_f_padding, padding);
	cl_put_uint(s->d, &f_key_type, digest.len == 20);
	cl_put_uint(s->d, &f_key_index, keyid);
	cl_put_bytes(s->d, &f_key_signature, digest);
	cl_ntp_show_status(s, keyid, mac.pos - s->start.pos, digest);
}

static void check(struct cl_ntp_show *s, const struct control *m, uint8_t first)
{
	if (first >> 6 != 0)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_CONTROL_LEAP);
	if (m->opcode == 0 || opcode_name(m->opcode) == NULL)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_CONTROL_OPCODE);
	if (!m->response && (m->error || m->more))
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_CONTROL_REQUEST);
}

void cl_ntp_show_control(struct cl_ntp_show *s)
{
	struct cl_cur c = s->start, status, association;
	uint8_t first = cl_cur_u8(&c), flags = cl_cur_u8(&c);
	struct control m = {
		(flags & 0x80) != 0, (flags & 0x40) != 0, (flags & 0x20) != 0, flags & 0x1f, 0, 0, 0, 0
	};
	const char *name = opcode_name(m.opcode);

	m.sequence = cl_cur_u16(&c);
	status = c;
	cl_cur_skip(&c, 2);
	association = c;
	m.association = cl_cur_u16(&c);
	m.offset = cl_cur_u16(&c);
	m.count = cl_cur_u16(&c);
	CL_PUT_HEADER(s->d, s->start, header_rows);
	show_status(s, status, &m);
	CL_PUT_HEADER(s->d, association, associd_row);
	CL_PUT_HEADER(s->d, s->start, rest_rows);
	cl_put_info(s->d, "NTP control %s, %s%s", m.response ? "response" : "request",
		    name != NULL ? name : "reserved", m.error ? ", error" : "");
	if (c.err != CL_OK)
		return;
	check(s, &m, first);
	show_data(s, &m, &c);
	show_authenticator(s, c);
}
