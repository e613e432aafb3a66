/* SPDX-License-Identifier: BSD-2-Clause */
/* Mode 7, the private mode of ntpd and ntpdc (ntp_request.h; no RFC). */
#include "dissect/ntp/items.h"
#include "dissect/ntp/show.h"

#define HEADER	    8u
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static const struct cl_name codes[] = {
	{ 0, "PEER_LIST" },	    { 1, "PEER_LIST_SUM" },    { 2, "PEER_INFO" },
	{ 3, "PEER_STATS" },	    { 4, "SYS_INFO" },	       { 5, "SYS_STATS" },
	{ 6, "IO_STATS" },	    { 7, "MEM_STATS" },	       { 8, "LOOP_INFO" },
	{ 9, "TIMER_STATS" },	    { 10, "CONFIG" },	       { 11, "UNCONFIG" },
	{ 12, "SET_SYS_FLAG" },	    { 13, "CLR_SYS_FLAG" },    { 14, "MONITOR" },
	{ 15, "NOMONITOR" },	    { 16, "GET_RESTRICT" },    { 17, "RESADDFLAGS" },
	{ 18, "RESSUBFLAGS" },	    { 19, "UNRESTRICT" },      { 20, "MON_GETLIST" },
	{ 21, "RESET_STATS" },	    { 22, "RESET_PEER" },      { 23, "REREAD_KEYS" },
	{ 24, "DO_DIRTY_HACK" },    { 25, "DONT_DIRTY_HACK" }, { 26, "TRUSTKEY" },
	{ 27, "UNTRUSTKEY" },	    { 28, "AUTHINFO" },	       { 29, "TRAPS" },
	{ 30, "ADD_TRAP" },	    { 31, "CLR_TRAP" },	       { 32, "REQUEST_KEY" },
	{ 33, "CONTROL_KEY" },	    { 34, "GET_CTLSTATS" },    { 35, "GET_LEAPINFO" },
	{ 36, "GET_CLOCKINFO" },    { 37, "SET_CLKFUDGE" },    { 38, "GET_KERNEL" },
	{ 39, "GET_CLKBUGINFO" },   { 41, "SET_PRECISION" },   { 42, "MON_GETLIST_1" },
	{ 43, "HOSTNAME_ASSOCID" }, { 44, "IF_STATS" },	       { 45, "IF_RELOAD" },
};

static const struct cl_name implementations[] = { { 0, "UNIV" }, { 2, "XNTPD_OLD" }, { 3, "XNTPD" } };
static const struct cl_name errors[] = {
	{ 0, "no error" },
	{ 1, "incompatible implementation number" },
	{ 2, "unimplemented request code" },
	{ 3, "format error" },
	{ 4, "no data available" },
	{ 7, "authentication failure" },
};

static const char *code_name(uint64_t v)
{
	return cl_name_find(codes, COUNT(codes), v);
}

static const char *implementation_name(uint64_t v)
{
	return cl_name_find(implementations, COUNT(implementations), v);
}

static const char *error_name(uint64_t v)
{
	return cl_name_find(errors, COUNT(errors), v);
}

static const struct cl_header_row header_rows[] = {
	{ { "ntp.priv.auth_seq", "Auth, sequence", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0 },
	{ { "ntp.priv.auth", "Auth bit", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0x80 },
	{ { "ntp.priv.seq", "Sequence number", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0x7f },
	{ { "ntp.priv.impl", "Implementation", CL_V_UINT, CL_DEC, 0, implementation_name }, 2, 1, 0 },
	{ { "ntp.priv.reqcode", "Request code", CL_V_UINT, CL_DEC, 0, code_name }, 3, 1, 0 },
	{ { "ntp.priv.err", "Err", CL_V_UINT, CL_HEX8, 0, error_name }, 4, 2, 0xf000 },
	{ { "ntp.priv.numitems", "Number of data items", CL_V_UINT, CL_DEC, 0, NULL }, 4, 2, 0x0fff },
	{ { "ntp.priv.reserved", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL }, 6, 2, 0xf000 },
	{ { "ntp.priv.itemsize", "Size of data item", CL_V_UINT, CL_DEC, 0, NULL }, 6, 2, 0x0fff },
};
static const struct cl_field f_item = { "ntp.priv.mode7.item", "Item", CL_V_OBJECT, CL_DEC, 0, NULL };
static const struct cl_field f_octets = { "ntp.priv.mode7.octets", "Octets", CL_V_BYTES, CL_DEC, 0, NULL };
static const struct cl_field f_tstamp = {
	"ntp.priv.tstamp", "Authentication timestamp", CL_V_NTP_TIME, CL_DEC, 0, NULL
};

struct message {
	bool response, authenticated;
	uint8_t code, error;
	uint16_t items, size;
};

/* A text ends at its first zero. */
static struct cl_span text_of(struct cl_span s)
{
	struct cl_cur c = cl_cur_make(s.ptr, s.len, s.len), look = c;
	uint32_t n = 0;

	while (n < s.len && cl_cur_u8(&look) != 0)
		n++;
	return cl_cur_take(&c, n);
}

static void put_number(struct cl_detail *d, const struct cl_ntp_item_row *r, struct cl_cur c)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < r->width; i++)
		v = v << 8 | cl_cur_u8(&c);
	if (c.err != CL_OK)
		return;
	if (r->mask != 0)
		v = (v & r->mask) >> __builtin_ctz(r->mask);
	if (r->field->type == CL_V_INT && r->width < 8 && (v >> (8 * r->width - 1) & 1) != 0)
		v |= ~UINT64_C(0) << 8 * r->width;
	cl_put_uint(d, r->field, v);
}

static void put_row(struct cl_detail *d, const struct cl_ntp_item_row *r, struct cl_cur c)
{
	cl_cur_skip(&c, r->at);
	if (r->field->type == CL_V_BYTES || r->field->type == CL_V_IP6 || r->field->type == CL_V_TEXT) {
		struct cl_span s = cl_cur_take(&c, r->width);

		if (c.err == CL_OK)
			cl_put_bytes(d, r->field, r->field->type == CL_V_TEXT ? text_of(s) : s);
	} else {
		put_number(d, r, c);
	}
}

static bool has_size(const struct cl_ntp_item *it, uint16_t size)
{
	for (size_t i = 0; i < COUNT(it->size); i++)
		if (it->size[i] == size)
			return true;
	return false;
}

/* Which family the item at `c` says it is of; items too short to say are of IPv4. */
static unsigned family_of(const struct cl_ntp_item *it, struct cl_cur c)
{
	if (it->v6_at + 4u > cl_cur_left(&c))
		return 4;
	cl_cur_skip(&c, it->v6_at);
	return cl_cur_u32(&c) != 0 ? 6 : 4;
}

/* The layout of the item at `c`, which ends with it; of one whose size is not known, the last that its code
 * has. NULL if there is none. */
static const struct cl_ntp_item *layout_of(const struct message *m, struct cl_cur c)
{
	const struct cl_ntp_item *like = NULL;

	for (size_t i = 0; i < cl_ntp_item_count; i++) {
		const struct cl_ntp_item *it = &cl_ntp_items[i];

		if (it->code != m->code || it->response != m->response ||
		    (it->family != 0 && it->family != family_of(it, c)))
			continue;
		if (has_size(it, m->size))
			return it;
		like = it;
	}
	return like;
}

/* Returns whether the item's size is one that its code has. */
static bool show_item(struct cl_ntp_show *s, const struct message *m, struct cl_cur c)
{
	const struct cl_ntp_item *it = layout_of(m, c);

	cl_put_group(s->d, &f_item, NULL);
	for (size_t i = 0; it != NULL && i < it->count; i++)
		if (it->rows[i].at + it->rows[i].width <= m->size)
			put_row(s->d, &it->rows[i], c);
	if (it == NULL) {
		struct cl_span octets = cl_cur_take(&c, m->size);

		if (c.err == CL_OK)
			cl_put_bytes(s->d, &f_octets, octets);
	}
	cl_put_end(s->d);
	return it != NULL && has_size(it, m->size);
}

static void show_items(struct cl_ntp_show *s, const struct message *m, struct cl_cur c)
{
	bool sized = true;

	if (m->size == 0 || m->error != 0)
		return;
	if ((uint32_t)m->items * m->size > cl_cur_left(&c))
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_PRIVATE_ITEMS);
	for (unsigned i = 0; i < m->items && cl_cur_left(&c) >= m->size && cl_cur_kept(&c) > 0; i++)
		sized &= show_item(s, m, cl_cur_sub(&c, m->size));
	if (!sized && code_name(m->code) != NULL)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_PRIVATE_SIZE);
}

/* An authenticated request ends with a stamp, a key identifier and a digest of 16 or 20 octets. The data
 * before is as long as its struct was at the time (40 octets, 176): what follows the items tells nothing, so
 * it is the length that does. */
static void show_authenticator(struct cl_ntp_show *s, const struct message *m, struct cl_cur c)
{
	uint32_t left = cl_cur_left(&c), items = (uint32_t)m->items * m->size;
	uint32_t data;

	if (!m->authenticated || m->response || left < items + 8 + 20)
		return;
	if (left == 40 + 28 || left == 176 + 28)
		data = left - 28;
	else if (left == 40 + 32 || left == 176 + 32)
		data = left - 32;
	else
		data = left - 28;
	if (data < items)
		return;
	cl_cur_skip(&c, data);
	uint64_t stamp = cl_cur_u64(&c);
	if (c.err != CL_OK)
		return;
	cl_put_uint(s->d, &f_tstamp, stamp);
	cl_ntp_show_mac(s, c);
}

void cl_ntp_show_private(struct cl_ntp_show *s)
{
	struct cl_cur c = s->start;
	uint8_t first = cl_cur_u8(&c), second = cl_cur_u8(&c);
	struct message m = { .response = first >> 7 != 0, .authenticated = second >> 7 != 0 };

	cl_cur_skip(&c, 1);
	m.code = cl_cur_u8(&c);
	uint16_t items = cl_cur_u16(&c), size = cl_cur_u16(&c);
	m.error = (uint8_t)(items >> 12);
	m.items = items & 0xfff;
	m.size = size & 0xfff;
	CL_PUT_HEADER(s->d, s->start, header_rows);
	const char *name = code_name(m.code);
	cl_put_info(s->d, "NTP private %s, %s", m.response ? "response" : "request",
		    name != NULL ? name : "unknown code");
	if (c.err != CL_OK)
		return;
	if (name == NULL)
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_PRIVATE_CODE);
	if (size >> 12 != 0 || (!m.response && m.error != 0))
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_PRIVATE_RESERVED);
	show_items(s, &m, c);
	show_authenticator(s, &m, c);
}
