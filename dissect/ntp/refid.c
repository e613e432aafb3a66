/* SPDX-License-Identifier: BSD-2-Clause */
/* Reference identifiers: codes of RFC 5905 fig. 12 and 13, RFC 8915, RFC 9748, and those met in the field. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "dissect/hash.h"
#include "dissect/ntp/refid.h"

#include <stdlib.h>
#include <string.h>
#ifdef HAVE_LIBCRYPTO
#include <openssl/evp.h>
#endif

#define BUCKETS (2u * CL_REFID_ADDRESSES)

#define REFID(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

const struct cl_name cl_refid_clocks[] = {
	{ 0x31505053u, "1PPS: pulse per second" },
	{ 0x41435453u, "ACTS: NIST telephone modem" },
	{ 0x41544f4du, "ATOM: atomic clock" },
	{ 0x42445300u, "BDS: BeiDou" },
	{ 0x43444d41u, "CDMA: CDMA base station" },
	{ 0x43485500u, "CHU: radio CHU, Ottawa" },
	{ 0x44434600u, "DCF: radio DCF77, Mainflingen, 77.5 kHz" },
	{ 0x44464d00u, "DFM: UTC(DFM)" },
	{ 0x47414c00u, "GAL: Galileo" },
	{ 0x474c4f00u, "GLO: GLONASS" },
	{ 0x474e5353u, "GNSS: satellite navigation" },
	{ 0x474f4553u, "GOES: Geostationary Operational Environmental Satellite" },
	{ 0x474f4f47u, "GOOG: Google, smeared" },
	{ 0x47505300u, "GPS: Global Positioning System" },
	{ 0x47505373u, "GPSs: GPS with PPS over shared memory" },
	{ 0x48424700u, "HBG: radio HBG, Prangins, 75 kHz" },
	{ 0x49524947u, "IRIG: Inter-Range Instrumentation Group" },
	{ 0x4a4a5900u, "JJY: radio JJY, 40 and 60 kHz" },
	{ 0x4c4f434cu, "LOCL: uncalibrated local clock" },
	{ 0x4c4f5243u, "LORC: LORAN-C, 100 kHz" },
	{ 0x4d525300u, "MRS: multi-reference sources" },
	{ 0x4d534600u, "MSF: radio MSF, Anthorn, 60 kHz" },
	{ 0x4e495354u, "NIST: NIST telephone modem" },
	{ 0x4e4d4541u, "NMEA: NMEA receiver" },
	{ 0x50484300u, "PHC: PTP hardware clock" },
	{ 0x50484330u, "PHC0: PTP hardware clock" },
	{ 0x50505300u, "PPS: pulse per second" },
	{ 0x50544200u, "PTB: PTB telephone modem" },
	{ 0x50545000u, "PTP: Precision Time Protocol" },
	{ 0x53484d00u, "SHM: shared memory" },
	{ 0x534f434bu, "SOCK: socket driver" },
	{ 0x54444600u, "TDF: radio TDF, Allouis, 162 kHz" },
	{ 0x55534e4fu, "USNO: USNO telephone modem" },
	{ 0x57575600u, "WWV: radio WWV, Fort Collins" },
	{ 0x57575642u, "WWVB: radio WWVB, Fort Collins, 60 kHz" },
	{ 0x57575648u, "WWVH: radio WWVH, Kauai" },
	{ 0x58464143u, "XFAC: interface association changed" },
	{ 0x6b505053u, "kPPS: kernel pulse per second" },
};
const size_t cl_refid_clock_count = sizeof(cl_refid_clocks) / sizeof *cl_refid_clocks;

const struct cl_name cl_refid_kisses[] = {
	{ 0x41435354u, "ACST: unicast association" },
	{ 0x41555448u, "AUTH: server authentication failed" },
	{ 0x4155544fu, "AUTO: Autokey sequence failed" },
	{ 0x42435354u, "BCST: broadcast association" },
	{ 0x43525950u, "CRYP: cryptographic authentication or identification failed" },
	{ 0x44454e59u, "DENY: access denied by remote server" },
	{ 0x44524f50u, "DROP: lost peer in symmetric mode" },
	{ 0x494e4954u, "INIT: not yet synchronised for the first time" },
	{ 0x4d435354u, "MCST: multicast association" },
	{ 0x4e4b4559u, "NKEY: no key found" },
	{ 0x4e54534eu, "NTSN: NTS negative acknowledgement" },
	{ 0x52415445u, "RATE: rate exceeded" },
	{ 0x524d4f54u, "RMOT: alteration of association from a remote host" },
	{ 0x52535452u, "RSTR: access denied due to local policy" },
	{ 0x53544550u, "STEP: step change in system time, not yet resynchronised" },
};
const size_t cl_refid_kiss_count = sizeof(cl_refid_kisses) / sizeof *cl_refid_kisses;

/* Two tables of places, by identifier and by address, into one list. Place 0: free, else number + 1. */
struct cl_refids {
	uint32_t count;
	uint64_t seed; /* of the tables' hashes */
	uint64_t refused;
	uint16_t by_id[BUCKETS], by_address[BUCKETS];
	struct {
		uint32_t refid;
		struct cl_addr address;
	} row[CL_REFID_ADDRESSES];
};

struct cl_refids *cl_refids_new(uint64_t seed)
{
	struct cl_refids *r = calloc(1, sizeof *r);

	if (r != NULL)
		r->seed = seed;
	return r;
}

void cl_refids_free(struct cl_refids *r)
{
	free(r);
}

uint64_t cl_refids_refused(const struct cl_refids *r)
{
	return r->refused;
}

/* The tables are half full at most: a free place is always met. */
static uint32_t place_of_id(const struct cl_refids *r, uint32_t refid)
{
	uint32_t at = (uint32_t)(cl_mix(refid, r->seed) % BUCKETS);

	while (r->by_id[at] != 0 && r->row[r->by_id[at] - 1].refid != refid)
		at = (at + 1) % BUCKETS;
	return at;
}

static uint32_t place_of_address(const struct cl_refids *r, const struct cl_addr *a)
{
	uint32_t at = (uint32_t)(cl_addr_hash(a, r->seed) % BUCKETS);

	while (r->by_address[at] != 0 && cl_addr_cmp(&r->row[r->by_address[at] - 1].address, a) != 0)
		at = (at + 1) % BUCKETS;
	return at;
}

/* The first four octets of the address's MD5; false without the library. */
static bool hash_of(const struct cl_addr *a, uint32_t *refid)
{
#ifdef HAVE_LIBCRYPTO
	unsigned char md[EVP_MAX_MD_SIZE];

	if (EVP_Digest(a->b, sizeof a->b, md, NULL, EVP_md5(), NULL) != 1)
		return false;
	struct cl_cur c = cl_cur_make(md, 4, 4);
	*refid = cl_cur_u32(&c);
	return true;
#else
	(void)a;
	(void)refid;
	return false;
#endif
}

void cl_refids_see(struct cl_refids *r, const struct cl_addr *a)
{
	uint32_t refid, by_address, by_id;

	if (cl_addr_is_v4(a))
		return;
	by_address = place_of_address(r, a);
	if (r->by_address[by_address] != 0)
		return;
	if (r->count == CL_REFID_ADDRESSES) {
		r->refused++;
		return;
	}
	if (!hash_of(a, &refid))
		return;
	by_id = place_of_id(r, refid);
	r->row[r->count].refid = refid;
	r->row[r->count].address = *a;
	r->count++;
	r->by_address[by_address] = (uint16_t)r->count;
	if (r->by_id[by_id] == 0)
		r->by_id[by_id] = (uint16_t)r->count;
}

const struct cl_addr *cl_refids_find(const struct cl_refids *r, uint32_t refid)
{
	uint32_t at = place_of_id(r, refid);

	return r->by_id[at] == 0 ? NULL : &r->row[r->by_id[at] - 1].address;
}

const char *cl_refid_clock(uint32_t refid)
{
	return cl_name_find(cl_refid_clocks, cl_refid_clock_count, refid);
}

const char *cl_refid_kiss(uint32_t refid)
{
	return cl_name_find(cl_refid_kisses, cl_refid_kiss_count, refid);
}

/* The letters of a code: printable, padded with zeros or spaces at its end. False if it is no text. */
static bool letters_of(uint32_t refid, char code[5])
{
	unsigned n = 0;

	for (unsigned shift = 32; shift > 0; shift -= 8) {
		char c = (char)(refid >> (shift - 8) & 0xff);

		if (c <= ' ' || c == 0x7f) {
			bool rest_is_zero = (refid & (shift == 32 ? 0xffffffffu : (1u << shift) - 1)) == 0;
			code[n] = '\0';
			return n > 0 && (rest_is_zero || c == ' ');
		}
		code[n++] = c;
	}
	code[n] = '\0';
	return true;
}

/* What both ntpd and chronyd use at any stratum. */
static enum cl_refid_kind local_kind(uint32_t refid)
{
	if (refid == REFID(127, 0, 0, 1))
		return CL_REFID_LOOPBACK;
	if (refid == REFID(127, 127, 1, 1))
		return CL_REFID_CHRONY_LOCAL;
	if (refid == REFID(127, 127, 1, 255))
		return CL_REFID_CHRONY_SMOOTHING;
	if (refid >> 16 == (127u << 8 | 127))
		return CL_REFID_REFCLOCK;
	return CL_REFID_OTHER;
}

static enum cl_refid_kind upstream_kind(uint32_t refid, const struct cl_refids *r)
{
	uint32_t first = refid >> 24;

	if (r != NULL && cl_refids_find(r, refid) != NULL)
		return CL_REFID_IPV6;
	if (first == 254)
		return CL_REFID_SMEAR;
	return first == 0 || first == 127 || first >= 224 ? CL_REFID_HASH : CL_REFID_UPSTREAM;
}

enum cl_refid_kind cl_refid_kind(uint32_t refid, unsigned mode, unsigned stratum, const struct cl_refids *r)
{
	char code[5];

	if (refid == 0)
		return CL_REFID_NONE;
	enum cl_refid_kind kind = local_kind(refid);
	if (kind != CL_REFID_OTHER)
		return kind;
	if (stratum >= 2 && stratum <= 15)
		return upstream_kind(refid, r);
	if (!letters_of(refid, code))
		return stratum == 0 || stratum == 1 ? CL_REFID_OTHER : upstream_kind(refid, r);
	if (stratum == 1)
		return CL_REFID_CLOCK;
	return stratum == 0 && (mode == 4 || mode == 2) ? CL_REFID_KISS : CL_REFID_STATE;
}

static const char *kind_name(uint64_t kind)
{
	static const char *const names[] = {
		"none",
		"clock",
		"kiss code",
		"state",
		"IPv4 address, or hash of an IPv6 address",
		"hash of an IPv6 address",
		"hash of an IPv6 address seen",
		"loopback",
		"reference clock of ntpd",
		"chronyd, local",
		"chronyd, smoothing",
		"leap smear",
		"no text",
	};

	return kind < sizeof names / sizeof *names ? names[kind] : NULL;
}

static const struct cl_field f_kind = { "ntp.refid.kind", "Reference ID kind", CL_V_UINT,
					CL_DEC,		  CL_FD_GENERATED,     kind_name };
static const struct cl_field f_code = { "ntp.refid.code", "Reference ID code", CL_V_TEXT,
					CL_DEC,		  CL_FD_GENERATED,     NULL };
static const struct cl_field f_meaning = { "ntp.refid.meaning", "Reference ID meaning",
					   CL_V_TEXT,		CL_DEC,
					   CL_FD_GENERATED,	NULL };
static const struct cl_field f_ipv4 = { "ntp.refid.ipv4", "Reference ID as IPv4 address",
					CL_V_IP4,	  CL_DEC,
					CL_FD_GENERATED,  NULL };
static const struct cl_field f_ipv6 = { "ntp.refid.ipv6", "Reference ID's IPv6 address",
					CL_V_IP6,	  CL_DEC,
					CL_FD_GENERATED,  NULL };
static const struct cl_field f_smear = { "ntp.refid.smear_s", "Leap smear offset",
					 CL_V_DURATION,	      CL_DEC,
					 CL_FD_GENERATED,     NULL };
static const struct cl_field f_driver = {
	"ntp.refid.refclock", "Reference clock driver", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL
};
static const struct cl_field f_unit = { "ntp.refid.unit", "Reference clock unit", CL_V_UINT,
					CL_DEC,		  CL_FD_GENERATED,	  NULL };

/* 2 bits of signed seconds, 22 of fraction, in nanoseconds toward minus infinity. */
static int64_t smear_of(uint32_t refid)
{
	int64_t v = (int64_t)(refid & 0xffffff) - ((refid & 0x800000) != 0 ? 0x1000000 : 0);

	return (v * 1000000000 - (v < 0 ? (1 << 22) - 1 : 0)) / (1 << 22);
}

static void put_code(struct cl_detail *d, const char *code, const char *meaning)
{
	cl_put_string(d, &f_code, code);
	if (meaning != NULL)
		cl_put_string(d, &f_meaning, meaning);
	else if (code[0] == 'X')
		cl_put_string(d, &f_meaning, "experimental");
}

enum cl_refid_kind cl_refid_put(struct cl_detail *d, uint32_t refid, unsigned mode, unsigned stratum,
				const struct cl_refids *r, char code[5])
{
	enum cl_refid_kind kind = cl_refid_kind(refid, mode, stratum, r);

	code[0] = '\0';
	if (kind == CL_REFID_NONE)
		return kind;
	cl_put_uint(d, &f_kind, kind);
	switch (kind) {
	case CL_REFID_CLOCK:
		letters_of(refid, code);
		put_code(d, code, cl_refid_clock(refid));
		break;
	case CL_REFID_KISS:
	case CL_REFID_STATE:
		letters_of(refid, code);
		put_code(d, code, cl_refid_kiss(refid));
		break;
	case CL_REFID_UPSTREAM:
		cl_put_uint(d, &f_ipv4, refid);
		break;
	case CL_REFID_IPV6:
		cl_put_bytes(d, &f_ipv6, cl_detail_keep(d, cl_refids_find(r, refid)->b, 16));
		break;
	case CL_REFID_SMEAR:
		cl_put_int(d, &f_smear, smear_of(refid));
		break;
	case CL_REFID_REFCLOCK:
		cl_put_uint(d, &f_driver, refid >> 8 & 0xff);
		cl_put_uint(d, &f_unit, refid & 0xff);
		break;
	default:
		break;
	}
	return kind;
}
