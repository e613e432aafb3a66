/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension fields (RFC 7822, RFC 9748): one table, and what is inside of those that are not NTS. */
#include "dissect/ntp/extfields.h"

#include "dissect/ntp/time.h"

#define HEAD 4u

static const char *type_name(uint64_t type)
{
	const struct cl_ntp_ext *e = cl_ntp_ext_find((uint16_t)type);

	if (e != NULL)
		return e->name;
	return type >= 0xf000 ? "experimental" : NULL;
}

static const struct cl_field f_ext = { "ntp.ext", "Extension", CL_V_OBJECT, CL_DEC, 0, NULL };
static const struct cl_field f_type = { "ntp.ext.type", "Field Type", CL_V_UINT, CL_HEX16, 0, type_name };
static const struct cl_field f_length = { "ntp.ext.length", "Length", CL_V_UINT, CL_DEC, 0, NULL };
static const struct cl_field f_value = { "ntp.ext.value", "Value", CL_V_BYTES, CL_DEC, 0, NULL };

#define FIELD(id, name, label, type, base)                                                                   \
	static const struct cl_field id = { name, label, type, base, 0, NULL }
#define DERIVED(id, name, label, type)                                                                       \
	static const struct cl_field id = { name, label, type, CL_DEC, CL_FD_GENERATED, NULL }

/* Autokey (RFC 5906 sec. 10): bits and code of the type, then association, stamps, value, signature. */
DERIVED(f_ak_response, "ntp.ext.autokey.response", "Response", CL_V_BOOL);
DERIVED(f_ak_error, "ntp.ext.autokey.error", "Error", CL_V_BOOL);
DERIVED(f_ak_version, "ntp.ext.autokey.version", "Autokey version", CL_V_UINT);
DERIVED(f_ak_code, "ntp.ext.autokey.code", "Autokey code", CL_V_UINT);
FIELD(f_ak_association, "ntp.ext.autokey.association", "Association ID", CL_V_UINT, CL_DEC);
FIELD(f_ak_timestamp, "ntp.ext.autokey.timestamp", "Timestamp", CL_V_UINT, CL_DEC);
FIELD(f_ak_filestamp, "ntp.ext.autokey.filestamp", "Filestamp", CL_V_UINT, CL_DEC);
FIELD(f_ak_value, "ntp.ext.autokey.value", "Value", CL_V_BYTES, CL_DEC);
FIELD(f_ak_signature, "ntp.ext.autokey.signature", "Signature", CL_V_BYTES, CL_DEC);

/* A length and so many octets, padded to a word; false if there is no more to read. */
static bool show_counted(struct cl_ntp_show *s, struct cl_cur *c, const struct cl_field *f)
{
	uint32_t n;

	if (cl_cur_left(c) < 4)
		return false;
	n = cl_cur_u32(c);
	if (c->err != CL_OK)
		return false;
	if (n > cl_cur_left(c)) {
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_EXT_INSIDE);
		return false;
	}
	struct cl_span octets = cl_cur_take(c, n);
	if (c->err != CL_OK)
		return false;
	cl_put_bytes(s->d, f, octets);
	n = -n & 3u;
	cl_cur_skip(c, n < cl_cur_left(c) ? n : cl_cur_left(c));
	return true;
}

static void show_autokey_as(struct cl_ntp_show *s, uint16_t type, struct cl_cur c)
{
	static const struct cl_field *const words[] = { &f_ak_association, &f_ak_timestamp, &f_ak_filestamp };

	cl_put_uint(s->d, &f_ak_response, type >> 15);
	cl_put_uint(s->d, &f_ak_error, type >> 14 & 1);
	cl_put_uint(s->d, &f_ak_version, type >> 8 & 0x3f);
	cl_put_uint(s->d, &f_ak_code, type & 0xff);
	for (unsigned i = 0; i < 3; i++) {
		if (cl_cur_left(&c) < 4)
			return;
		uint32_t word = cl_cur_u32(&c);
		if (c.err != CL_OK)
			return;
		cl_put_uint(s->d, words[i], word);
	}
	if (show_counted(s, &c, &f_ak_value))
		show_counted(s, &c, &f_ak_signature);
}

/* The body's field has its type 4 octets before. */
static void show_autokey(struct cl_ntp_show *s, struct cl_cur c)
{
	show_autokey_as(s, s->type, c);
}

/*
 * 0x0204 is registered twice: a cookie of NTS if another field of NTS is there or no MAC follows, Autokey's
 * beside the MAC of a session key.
 */
static void show_0204(struct cl_ntp_show *s, struct cl_cur c)
{
	bool nts = s->tail.uid.ptr != NULL || s->tail.nts_auth || !s->tail.mac;

	if (!nts && s->keyid > 65535)
		show_autokey_as(s, s->type, c);
	else
		cl_ntp_show_cookie(s, c);
}

FIELD(f_correction, "ntp.ext.correction", "Correction (32.32)", CL_V_UINT, CL_HEX64);

static void show_correction(struct cl_ntp_show *s, struct cl_cur c)
{
	uint64_t v = cl_cur_u64(&c);

	if (c.err == CL_OK)
		cl_put_uint(s->d, &f_correction, v);
}

FIELD(f_complement, "ntp.ext.complement", "Checksum complement", CL_V_UINT, CL_HEX16);

static void show_complement(struct cl_ntp_show *s, struct cl_cur c)
{
	s->complement = s->last_is_complement = true;
	cl_cur_skip(&c, 22); /* must be zero */
	uint16_t v = cl_cur_u16(&c);
	if (c.err == CL_OK)
		cl_put_uint(s->d, &f_complement, v);
}

#define CHRONY_MAGIC 0xf5bedd9au

FIELD(f_chrony_magic, "ntp.ext.chrony.magic", "Magic", CL_V_UINT, CL_HEX32);
FIELD(f_chrony_delay, "ntp.ext.chrony.rootdelay", "Root delay (4.28)", CL_V_UINT, CL_DEC);
FIELD(f_chrony_dispersion, "ntp.ext.chrony.rootdispersion", "Root dispersion (4.28)", CL_V_UINT, CL_DEC);
FIELD(f_chrony_mono, "ntp.ext.chrony.monotonic", "Monotonic receive time", CL_V_UINT, CL_HEX64);
FIELD(f_chrony_epoch, "ntp.ext.chrony.epoch", "Epoch of monotonic time", CL_V_UINT, CL_DEC);
DERIVED(f_chrony_delay_s, "ntp.ext.chrony.rootdelay_s", "Root delay", CL_V_DURATION);
DERIVED(f_chrony_dispersion_s, "ntp.ext.chrony.rootdispersion_s", "Root dispersion", CL_V_DURATION);

/* chronyd's field for itself: nobody else's is 0xf323 with this magic. */
static void show_chrony(struct cl_ntp_show *s, struct cl_cur c)
{
	uint32_t magic = cl_cur_u32(&c), delay = cl_cur_u32(&c), dispersion = cl_cur_u32(&c);
	uint64_t monotonic = cl_cur_u64(&c);
	uint32_t epoch = cl_cur_u32(&c);

	if (c.err != CL_OK || magic != CHRONY_MAGIC)
		return;
	cl_put_uint(s->d, &f_chrony_magic, magic);
	cl_put_uint(s->d, &f_chrony_delay, delay);
	cl_put_int(s->d, &f_chrony_delay_s, cl_ntp_fixed_ns(delay, 28));
	cl_put_uint(s->d, &f_chrony_dispersion, dispersion);
	cl_put_int(s->d, &f_chrony_dispersion_s, cl_ntp_fixed_ns(dispersion, 28));
	cl_put_uint(s->d, &f_chrony_mono, monotonic);
	cl_put_uint(s->d, &f_chrony_epoch, epoch);
}

FIELD(f_v5_keyid, "ntp.ext.v5.keyid", "Key ID", CL_V_UINT, CL_DEC);
FIELD(f_v5_mac, "ntp.ext.v5.mac", "Message Authentication Code", CL_V_BYTES, CL_DEC);
FIELD(f_v5_offset, "ntp.ext.v5.refids_offset", "Offset of reference IDs", CL_V_UINT, CL_DEC);
FIELD(f_v5_refids, "ntp.ext.v5.refids", "Reference IDs (part of the Bloom filter)", CL_V_BYTES, CL_DEC);
FIELD(f_v5_versions, "ntp.ext.v5.versions", "Versions the server speaks", CL_V_UINT, CL_HEX16);
FIELD(f_v5_draft, "ntp.ext.v5.draft", "Draft", CL_V_TEXT, CL_DEC);

static void show_v5_mac(struct cl_ntp_show *s, struct cl_cur c)
{
	uint32_t keyid = cl_cur_u32(&c);

	if (c.err != CL_OK)
		return;
	cl_put_uint(s->d, &f_v5_keyid, keyid);
	struct cl_span mac = cl_cur_take(&c, cl_cur_left(&c));
	if (c.err == CL_OK)
		cl_put_bytes(s->d, &f_v5_mac, mac);
}

static void show_v5_refids_request(struct cl_ntp_show *s, struct cl_cur c)
{
	uint16_t offset = cl_cur_u16(&c);

	if (c.err == CL_OK)
		cl_put_uint(s->d, &f_v5_offset, offset);
}

static void show_v5_refids(struct cl_ntp_show *s, struct cl_cur c)
{
	struct cl_span filter = cl_cur_take(&c, cl_cur_left(&c));

	if (c.err == CL_OK)
		cl_put_bytes(s->d, &f_v5_refids, filter);
}

static void show_v5_info(struct cl_ntp_show *s, struct cl_cur c)
{
	uint16_t versions = cl_cur_u16(&c); /* lowest bit: version 1 */

	if (c.err == CL_OK)
		cl_put_uint(s->d, &f_v5_versions, versions);
}

static const struct cl_header_row v5_correction[] = {
	{ { "ntp.ext.v5.origin_correction", "Origin correction", CL_V_UINT, CL_HEX64, 0, NULL }, 0, 8, 0 },
	{ { "ntp.ext.v5.origin_path", "Origin path ID", CL_V_UINT, CL_HEX16, 0, NULL }, 8, 2, 0 },
	{ { "ntp.ext.v5.delay_correction", "Delay correction", CL_V_UINT, CL_HEX64, 0, NULL }, 12, 8, 0 },
	{ { "ntp.ext.v5.delay_path", "Delay path ID", CL_V_UINT, CL_HEX16, 0, NULL }, 20, 2, 0 },
};
static const struct cl_header_row v5_reference[] = {
	{ { "ntp.ext.v5.reftime", "Reference Timestamp", CL_V_NTP_TIME, CL_DEC, 0, NULL }, 0, 8, 0 },
};
static const struct cl_header_row v5_monotonic[] = {
	{ { "ntp.ext.v5.monotonic_epoch", "Monotonic epoch", CL_V_UINT, CL_DEC, 0, NULL }, 0, 4, 0 },
	{ { "ntp.ext.v5.monotonic", "Monotonic receive time", CL_V_UINT, CL_HEX64, 0, NULL }, 4, 8, 0 },
};
static const struct cl_header_row v5_secondary[] = {
	{ { "ntp.ext.v5.timescale", "Secondary timescale", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0 },
	{ { "ntp.ext.v5.era", "Secondary era", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0 },
	{ { "ntp.ext.v5.secondary", "Secondary receive time", CL_V_NTP_TIME, CL_DEC, 0, NULL }, 4, 8, 0 },
};

static void show_v5_correction(struct cl_ntp_show *s, struct cl_cur c)
{
	CL_PUT_HEADER(s->d, c, v5_correction);
}

static void show_v5_reference(struct cl_ntp_show *s, struct cl_cur c)
{
	CL_PUT_HEADER(s->d, c, v5_reference);
}

static void show_v5_monotonic(struct cl_ntp_show *s, struct cl_cur c)
{
	CL_PUT_HEADER(s->d, c, v5_monotonic);
}

static void show_v5_secondary(struct cl_ntp_show *s, struct cl_cur c)
{
	CL_PUT_HEADER(s->d, c, v5_secondary);
}

static void show_v5_draft(struct cl_ntp_show *s, struct cl_cur c)
{
	struct cl_span name = cl_cur_take(&c, cl_cur_left(&c));

	s->draft = true;
	if (c.err == CL_OK)
		cl_put_bytes(s->d, &f_v5_draft, name);
}

/* Reserved for historic reasons: the octets of Autokey's types the other way round. */
const struct cl_ntp_ext cl_ntp_exts[] = {
	{ 0x0002, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0003, "MAC-EF (proposed, one MAC)", "draft-stenn-ntp-mac-last-ef", 0, 0, NULL },
	{ 0x0007, "I-Do (proposed)", "draft-stenn-ntp-i-do", 0, 0, NULL },
	{ 0x0008, "Last EF (proposed)", "draft-stenn-ntp-mac-last-ef", 0, 0, NULL },
	{ 0x0102, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0103, "MAC-EF (proposed, list)", "draft-stenn-ntp-mac-last-ef", 0, 0, NULL },
	{ 0x0104, "Unique Identifier", "RFC 8915 sec. 5.3", 0, 0, cl_ntp_show_uid },
	{ 0x010a, "Network Correction", "draft-ietf-ntp-over-ptp", 28, 28, show_correction },
	{ 0x0200, "No-Operation Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0201, "Association Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0202, "Certificate Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0203, "Cookie Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0204, "NTS Cookie", "RFC 8915 sec. 5.4", 0, 0, show_0204 },
	{ 0x0205, "Leapseconds Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0206, "Sign Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0207, "IFF Identity Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0208, "GQ Identity Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0209, "MV Identity Message Request", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x0302, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0304, "NTS Cookie Placeholder", "RFC 8915 sec. 5.5", 0, 0, cl_ntp_show_placeholder },
	{ 0x0402, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0404, "NTS Authenticator and Encrypted Extension Fields", "RFC 8915 sec. 5.6", 8, 0,
	  cl_ntp_show_auth },
	{ 0x0502, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0602, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0702, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0802, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x0902, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x2005, "Checksum Complement", "RFC 7821 sec. 3", 28, 28, show_complement },
	{ 0x8002, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8007, "I-Do Response (proposed)", "draft-stenn-ntp-i-do", 0, 0, NULL },
	{ 0x8102, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8200, "No-Operation Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8201, "Association Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8202, "Certificate Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8203, "Cookie Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8204, "Autokey Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8205, "Leapseconds Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8206, "Sign Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8207, "IFF Identity Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8208, "GQ Identity Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8209, "MV Identity Message Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0x8302, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8402, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8502, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8602, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8702, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8802, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0x8902, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc002, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc102, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc200, "No-Operation Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc201, "Association Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc202, "Certificate Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc203, "Cookie Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc204, "Autokey Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc205, "Leapseconds Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc206, "Sign Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc207, "IFF Identity Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc208, "GQ Identity Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc209, "MV Identity Message Error Response", "RFC 5906 sec. 10", 0, 0, show_autokey },
	{ 0xc302, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc402, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc502, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc602, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc702, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc802, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xc902, "Reserved for historic reasons", "RFC 9748", 0, 0, NULL },
	{ 0xf323, "chronyd: monotonic time and root (experimental)", "chronyd", 28, 28, show_chrony },
	{ 0xf501, "NTPv5 Padding", "draft-ietf-ntp-ntpv5", 4, 0, NULL },
	{ 0xf502, "NTPv5 MAC", "draft-ietf-ntp-ntpv5", 8, 0, show_v5_mac },
	{ 0xf503, "NTPv5 Reference IDs Request", "draft-ietf-ntp-ntpv5", 6, 0, show_v5_refids_request },
	{ 0xf504, "NTPv5 Reference IDs Response", "draft-ietf-ntp-ntpv5", 4, 516, show_v5_refids },
	{ 0xf505, "NTPv5 Server Information", "draft-ietf-ntp-ntpv5", 8, 8, show_v5_info },
	{ 0xf506, "NTPv5 Correction", "draft-ietf-ntp-ntpv5", 28, 28, show_v5_correction },
	{ 0xf507, "NTPv5 Reference Timestamp", "draft-ietf-ntp-ntpv5", 12, 12, show_v5_reference },
	{ 0xf508, "NTPv5 Monotonic Receive Timestamp", "draft-ietf-ntp-ntpv5", 16, 16, show_v5_monotonic },
	{ 0xf509, "NTPv5 Secondary Receive Timestamp", "draft-ietf-ntp-ntpv5", 16, 16, show_v5_secondary },
	{ 0xf5ff, "NTPv5 Draft Identification", "draft-ietf-ntp-ntpv5", 5, 0, show_v5_draft },
};
const size_t cl_ntp_ext_count = sizeof cl_ntp_exts / sizeof *cl_ntp_exts;

const struct cl_ntp_ext *cl_ntp_ext_find(uint16_t type)
{
	size_t from = 0, to = cl_ntp_ext_count;

	while (from < to) {
		size_t at = (from + to) / 2;

		if (cl_ntp_exts[at].type == type)
			return &cl_ntp_exts[at];
		if (cl_ntp_exts[at].type < type)
			from = at + 1;
		else
			to = at;
	}
	return NULL;
}

void cl_ntp_show_field(struct cl_ntp_show *s, uint16_t type, struct cl_cur c)
{
	const struct cl_ntp_ext *e = cl_ntp_ext_find(type);
	uint32_t length = cl_cur_left(&c);
	const char *name = type_name(type);

	cl_put_group(s->d, &f_ext, "%s, %u octets", name != NULL ? name : "unknown", (unsigned)length);
	cl_put_uint(s->d, &f_type, type);
	cl_put_uint(s->d, &f_length, length);
	cl_cur_skip(&c, HEAD);
	struct cl_cur whole = c;
	struct cl_span value = cl_cur_take(&whole, cl_cur_left(&whole));
	if (value.len > 0)
		cl_put_bytes(s->d, &f_value, value);
	s->type = type;
	s->after_auth |= s->auths > 0 && type != CL_NTP_EF_NTS_AUTH;
	if (e != NULL && (length < e->min || (e->max != 0 && length > e->max)))
		cl_pkt_anomaly(s->p, CL_ANOM_NTP_EXT_SIZE);
	else if (e != NULL && e->show != NULL)
		e->show(s, c);
	cl_put_end(s->d);
}
