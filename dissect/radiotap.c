/* SPDX-License-Identifier: BSD-2-Clause */
/* What captures say of a radio frame before it: radiotap (radiotap.org) and PPI. */
#include "capture/linktype.h"
#include "dissect/wlan.h"

#define PRESENT_WORDS 32u /* more is no radiotap header */
#define FLAG_FCS      0x10u
#define FLAG_PADDED   0x20u
#define FLAG_DAMAGED  0x40u

enum { BIT_TSFT = 0, BIT_FLAGS = 1, BIT_RADIOTAP = 29, BIT_VENDOR = 30, BIT_EXTENDED = 31 };

/* Size and alignment of each field, by its bit. */
static const struct {
	uint8_t size, align;
} fields[] = {
	{ 8, 8 },  { 1, 1 },  { 1, 1 },	 { 4, 2 },  { 2, 2 }, { 1, 1 }, { 1, 1 },
	{ 2, 2 },  { 2, 2 },  { 2, 2 },	 { 1, 1 },  { 1, 1 }, { 1, 1 }, { 1, 1 },
	{ 2, 2 },  { 2, 2 },  { 1, 1 },	 { 1, 1 },  { 8, 4 }, { 3, 1 }, { 8, 4 },
	{ 12, 2 }, { 12, 8 }, { 12, 2 }, { 12, 2 }, { 6, 2 }, { 1, 1 }, { 4, 2 },
};

static void put_present(struct cl_detail *d, struct cl_cur c, bool ours)
{
#define PRESENT(bit, name, label)                                                                            \
	{                                                                                                    \
		{ "radiotap.present." name, label, CL_V_BOOL, 0, 0, NULL }, (bit) / 8, 1, 1u << (bit) % 8    \
	}
	static const struct cl_header_row rows[] = {
		PRESENT(0, "tsft", "Time"),
		PRESENT(1, "flags", "Flags"),
		PRESENT(2, "rate", "Rate"),
		PRESENT(3, "channel", "Channel"),
		PRESENT(4, "fhss", "FHSS"),
		PRESENT(5, "dbm_antsignal", "Signal, dBm"),
		PRESENT(6, "dbm_antnoise", "Noise, dBm"),
		PRESENT(7, "lock_quality", "Lock quality"),
		PRESENT(8, "tx_attenuation", "Attenuation"),
		PRESENT(9, "db_tx_attenuation", "Attenuation, dB"),
		PRESENT(10, "dbm_tx_power", "Power, dBm"),
		PRESENT(11, "antenna", "Antenna"),
		PRESENT(12, "db_antsignal", "Signal, dB"),
		PRESENT(13, "db_antnoise", "Noise, dB"),
		PRESENT(14, "rxflags", "Receiver's flags"),
		PRESENT(15, "txflags", "Transmitter's flags"),
		PRESENT(17, "data_retries", "Retries"),
		PRESENT(18, "xchannel", "Channel, extended"),
		PRESENT(19, "mcs", "MCS"),
		PRESENT(20, "ampdu", "A-MPDU"),
		PRESENT(21, "vht", "VHT"),
		PRESENT(22, "timestamp", "Timestamp"),
		PRESENT(23, "he", "HE"),
		PRESENT(24, "he_mu", "HE-MU"),
		PRESENT(26, "0_length.psdu", "No PSDU"),
		PRESENT(27, "l_sig", "L-SIG"),
		PRESENT(28, "tlv", "TLVs"),
		PRESENT(29, "rtap_ns", "Radiotap's own next"),
		PRESENT(30, "vendor_ns", "Vendor's next"),
		PRESENT(31, "ext", "More words"),
	};
#undef PRESENT
	static const struct cl_field word = {
		"radiotap.present.word", "Present", CL_V_UINT, CL_HEX32, 0, NULL
	};
	struct cl_cur w = c;
	uint32_t v = cl_wlan_u32(&w);

	if (w.err != CL_OK)
		return;
	cl_put_uint(d, &word, v);
	if (ours)
		CL_PUT_HEADER(d, c, rows);
}

static void put_flags(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_header_row rows[] = {
		{ { "radiotap.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0 },
		{ { "radiotap.flags.cfp", "Contention-free", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x01 },
		{ { "radiotap.flags.preamble", "Short preamble", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x02 },
		{ { "radiotap.flags.wep", "WEP", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x04 },
		{ { "radiotap.flags.frag", "Fragmentation", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x08 },
		{ { "radiotap.flags.fcs", "Check sequence at the end", CL_V_BOOL, 0, 0, NULL },
		  0,
		  1,
		  FLAG_FCS },
		{ { "radiotap.flags.datapad", "Padded header", CL_V_BOOL, 0, 0, NULL }, 0, 1, FLAG_PADDED },
		{ { "radiotap.flags.badfcs", "Damaged", CL_V_BOOL, 0, 0, NULL }, 0, 1, FLAG_DAMAGED },
		{ { "radiotap.flags.shortgi", "Short guard interval", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x80 },
	};

	CL_PUT_HEADER(d, c, rows);
}

static void put_channel(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_field
		frequency = { "radiotap.channel.freq", "Frequency, MHz", CL_V_UINT, 0, 0, NULL },
		flags = { "radiotap.channel.flags", "Channel flags", CL_V_UINT, CL_HEX16, 0, NULL };
#define CHANNEL(at, mask, name, label)                                                                       \
	{                                                                                                    \
		{ "radiotap.channel.flags." name, label, CL_V_BOOL, 0, 0, NULL }, at, 1, mask                \
	}
	static const struct cl_header_row rows[] = {
		CHANNEL(2, 0x01, "700mhz", "700 MHz"),
		CHANNEL(2, 0x02, "800mhz", "800 MHz"),
		CHANNEL(2, 0x04, "900mhz", "900 MHz"),
		CHANNEL(2, 0x10, "turbo", "Turbo"),
		CHANNEL(2, 0x20, "cck", "CCK"),
		CHANNEL(2, 0x40, "ofdm", "OFDM"),
		CHANNEL(2, 0x80, "2ghz", "2 GHz"),
		CHANNEL(3, 0x01, "5ghz", "5 GHz"),
		CHANNEL(3, 0x02, "passive", "Passive"),
		CHANNEL(3, 0x04, "dynamic", "Dynamic CCK-OFDM"),
		CHANNEL(3, 0x08, "gfsk", "GFSK"),
		CHANNEL(3, 0x10, "gsm", "GSM"),
		CHANNEL(3, 0x20, "sturbo", "Static turbo"),
		CHANNEL(3, 0x40, "half", "10 MHz wide"),
		CHANNEL(3, 0x80, "quarter", "5 MHz wide"),
	};
#undef CHANNEL
	struct cl_cur v = c;

	cl_put_uint(d, &frequency, cl_wlan_u16(&v));
	cl_put_uint(d, &flags, cl_wlan_u16(&v));
	CL_PUT_HEADER(d, c, rows);
}

/* IEEE 802.11-2020 sec. 19.5: bits of a symbol per stream follow from the index, its time from the guard
 * interval. */
static void put_mcs(struct cl_detail *d, const struct cl_field *rate, struct cl_cur c)
{
	static const struct cl_field mcs = { "radiotap.mcs.index", "MCS", CL_V_UINT, 0, 0, NULL };
	static const uint16_t narrow[] = { 26, 52, 78, 104, 156, 208, 234, 260 },
			      wide[] = { 54, 108, 162, 216, 324, 432, 486, 540 };
	uint8_t known = cl_cur_u8(&c), flags = cl_cur_u8(&c), index = cl_cur_u8(&c);

	if ((known & 2) == 0)
		return;
	cl_put_uint(d, &mcs, index);
	if ((known & 7) != 7 || index >= 32) /* bandwidth, index, guard interval */
		return;
	unsigned bits = ((flags & 3) == 1 ? wide : narrow)[index % 8] * (index / 8 + 1u);
	cl_put_real(d, rate, (flags & 4) != 0 ? bits / 3.6 : bits / 4.0);
}

/* A field's value, all of which is there; rarer ones are passed over. */
static void put_field(struct cl_detail *d, unsigned bit, struct cl_cur c)
{
	static const struct cl_field
		time = { "radiotap.mactime", "Time", CL_V_UINT, 0, 0, NULL },
		rate = { "radiotap.datarate", "Rate, Mb/s", CL_V_REAL, 0, 0, NULL },
		signal = { "radiotap.dbm_antsignal", "Signal, dBm", CL_V_INT, 0, 0, NULL },
		noise = { "radiotap.dbm_antnoise", "Noise, dBm", CL_V_INT, 0, 0, NULL },
		quality = { "radiotap.quality", "Signal quality", CL_V_UINT, 0, 0, NULL },
		power = { "radiotap.txpower", "Power, dBm", CL_V_INT, 0, 0, NULL },
		antenna = { "radiotap.antenna", "Antenna", CL_V_UINT, 0, 0, NULL },
		db_signal = { "radiotap.db_antsignal", "Signal, dB", CL_V_UINT, 0, 0, NULL },
		db_noise = { "radiotap.db_antnoise", "Noise, dB", CL_V_UINT, 0, 0, NULL },
		retries = { "radiotap.data_retries", "Retries", CL_V_UINT, 0, 0, NULL },
		reference = { "radiotap.ampdu.reference", "A-MPDU", CL_V_UINT, 0, 0, NULL },
		wide_flags = { "radiotap.xchannel.flags", "Channel flags", CL_V_UINT, CL_HEX32, 0, NULL },
		wide_frequency = { "radiotap.xchannel.freq", "Frequency, MHz", CL_V_UINT, 0, 0, NULL },
		wide_channel = { "radiotap.xchannel.channel", "Channel", CL_V_UINT, 0, 0, NULL };

	switch (bit) {
	case BIT_TSFT:
		cl_put_uint(d, &time, __builtin_bswap64(cl_cur_u64(&c)));
		return;
	case BIT_FLAGS:
		put_flags(d, c);
		return;
	case 2:
		cl_put_real(d, &rate, cl_cur_u8(&c) / 2.0);
		return;
	case 3:
		put_channel(d, c);
		return;
	case 5:
	case 6:
		cl_put_int(d, bit == 5 ? &signal : &noise, (int8_t)cl_cur_u8(&c));
		return;
	case 7:
		cl_put_uint(d, &quality, cl_wlan_u16(&c));
		return;
	case 10:
		cl_put_int(d, &power, (int8_t)cl_cur_u8(&c));
		return;
	case 11:
		cl_put_uint(d, &antenna, cl_cur_u8(&c));
		return;
	case 12:
	case 13:
		cl_put_uint(d, bit == 12 ? &db_signal : &db_noise, cl_cur_u8(&c));
		return;
	case 17:
		cl_put_uint(d, &retries, cl_cur_u8(&c));
		return;
	case 18:
		cl_put_uint(d, &wide_flags, cl_wlan_u32(&c));
		cl_put_uint(d, &wide_frequency, cl_wlan_u16(&c));
		cl_put_uint(d, &wide_channel, cl_cur_u8(&c));
		return;
	case 19:
		put_mcs(d, &rate, c);
		return;
	case 20:
		cl_put_uint(d, &reference, cl_wlan_u32(&c));
		return;
	default:
		return;
	}
}

static void align(struct cl_cur *c, uint32_t start, uint32_t to)
{
	cl_cur_skip(c, (to - (c->pos - start) % to) % to);
}

/* The fields of one word; false at one whose size is not known. */
static bool put_fields(struct cl_detail *d, struct cl_cur *c, uint32_t start, uint32_t word)
{
	for (unsigned bit = 0; bit < BIT_RADIOTAP; bit++) {
		if ((word >> bit & 1) == 0)
			continue;
		if (bit >= sizeof fields / sizeof *fields)
			return false;
		align(c, start, fields[bit].align);
		struct cl_cur value = cl_cur_sub(c, fields[bit].size);
		if (c->err != CL_OK)
			return false;
		put_field(d, bit, value);
	}
	return true;
}

/* A vendor's fields (sec. Vendor Namespace): OUI, subspace, their length. */
static void skip_vendor(struct cl_cur *c, uint32_t start)
{
	align(c, start, 2);
	cl_cur_skip(c, 4);
	cl_cur_skip(c, cl_wlan_u16(c));
}

/* All of it: words of presence, each of which says in which name space the next is, then the fields. */
static void put_radiotap(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "radiotap", "Radiotap" };
	static const struct cl_header_row rows[] = {
		{ { "radiotap.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 1, 0 },
		{ { "radiotap.pad", "Pad", CL_V_UINT, 0, 0, NULL }, 1, 1, 0 },
	};
	static const struct cl_field field = { "radiotap.length", "Length", CL_V_UINT, 0, 0, NULL };
	struct cl_cur c = p->cur;
	const uint32_t start = c.pos;
	uint32_t words[PRESENT_WORDS], n = 0;
	bool ours = true;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, c, rows);
	cl_cur_skip(&c, 2);
	uint32_t length = cl_wlan_u16(&c);
	if (c.err != CL_OK)
		return;
	cl_put_uint(p->detail, &field, length);
	if (length < 8)
		return;
	cl_cur_narrow(&c, length - 4);
	do {
		bool vendor = n > 0 && (words[n - 1] >> BIT_VENDOR & 1) != 0;

		put_present(p->detail, c, !vendor);
		words[n] = cl_wlan_u32(&c);
	} while (words[n++] >> BIT_EXTENDED != 0 && n < PRESENT_WORDS);
	for (uint32_t i = 0; i < n && c.err == CL_OK; i++) {
		if (ours && !put_fields(p->detail, &c, start, words[i]))
			return;
		if ((words[i] >> BIT_VENDOR & 1) != 0)
			skip_vendor(&c, start);
		ours = (words[i] >> BIT_RADIOTAP & 1) != 0;
	}
}

/* The flags field is first but for the time. The cursor is 4 octets into the header. */
static unsigned read_flags(struct cl_cur *c)
{
	uint32_t first = cl_wlan_u32(c), word = first;
	unsigned flags = 0;

	for (unsigned n = 1; word >> BIT_EXTENDED != 0 && n < PRESENT_WORDS; n++)
		word = cl_wlan_u32(c);
	if ((first >> BIT_FLAGS & 1) == 0)
		return 0;
	if ((first >> BIT_TSFT & 1) != 0) {
		align(c, 0u - 4u, 8);
		cl_cur_skip(c, 8);
	}
	uint8_t octet = cl_cur_u8(c);
	flags |= (octet & FLAG_FCS) != 0 ? CL_WLAN_FCS : 0;
	flags |= (octet & FLAG_PADDED) != 0 ? CL_WLAN_PADDED : 0;
	flags |= (octet & FLAG_DAMAGED) != 0 ? CL_WLAN_DAMAGED : 0;
	return flags;
}

enum cl_next cl_radiotap(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	if (p->detail != NULL)
		put_radiotap(p);
	uint32_t version = cl_cur_u8(c);
	cl_cur_skip(c, 1);
	uint32_t length = cl_wlan_u16(c);
	if (c->err == CL_OK && (version != 0 || length < 8))
		return cl_pkt_malformed(p, CL_ANOM_RADIOTAP_BAD_HEADER);
	struct cl_cur header = cl_cur_sub(c, length - 4);
	header.err = header.err == CL_OK ? c->err : header.err;
	unsigned flags = read_flags(&header);
	if (header.err != CL_OK)
		return cl_pkt_failed_by(p, &header, CL_ANOM_RADIOTAP_BAD_HEADER);
	return c->err == CL_OK ? cl_wlan_frame(p, flags)
			       : cl_pkt_failed_by(p, c, CL_ANOM_RADIOTAP_BAD_HEADER);
}

static void put_ppi(struct cl_pkt *p, uint32_t length, uint32_t linktype)
{
	static const struct cl_protocol proto = { "ppi", "Per-packet information" };
	static const struct cl_header_row rows[] = {
		{ { "ppi.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 1, 0 },
		{ { "ppi.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
	};
	static const struct cl_field field = { "ppi.length", "Length", CL_V_UINT, 0, 0, NULL },
				     type = { "ppi.dlt", "Link type", CL_V_UINT, 0, 0, NULL };

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, p->cur, rows);
	cl_put_uint(p->detail, &field, length);
	cl_put_uint(p->detail, &type, linktype);
}

/* Fields of type and length; the one of 802.11 says whether a check sequence follows the frame. */
static unsigned ppi_flags(struct cl_cur *c)
{
	enum { COMMON = 2 };
	unsigned flags = 0;

	while (cl_cur_left(c) > 0 && c->err == CL_OK) {
		uint32_t type = cl_wlan_u16(c), length = cl_wlan_u16(c);
		struct cl_cur field = cl_cur_sub(c, length);

		if (type != COMMON || c->err != CL_OK)
			continue;
		cl_cur_skip(&field, 8);
		uint32_t v = cl_wlan_u16(&field);
		flags = (v & 1) != 0 ? CL_WLAN_FCS : 0;
		flags |= (v & 4) != 0 ? CL_WLAN_DAMAGED : 0;
		c->err = field.err;
	}
	return flags;
}

enum cl_next cl_ppi(struct cl_pkt *p)
{
	struct cl_cur c = p->cur;

	cl_cur_skip(&c, 2);
	uint32_t length = cl_wlan_u16(&c), linktype = cl_wlan_u32(&c);
	if (c.err != CL_OK)
		return cl_pkt_failed_by(p, &c, CL_ANOM_LINK_BAD_HEADER);
	if (p->detail != NULL)
		put_ppi(p, length, linktype);
	if (length < 8)
		return cl_pkt_malformed(p, CL_ANOM_LINK_BAD_HEADER);
	struct cl_cur header = cl_cur_sub(&c, length - 8);
	unsigned flags = ppi_flags(&header);
	if (c.err != CL_OK || header.err != CL_OK)
		return cl_pkt_failed_by(p, c.err != CL_OK ? &c : &header, CL_ANOM_LINK_BAD_HEADER);
	p->cur = c;
	if (linktype == CL_LINKTYPE_IEEE802_11)
		return cl_wlan_frame(p, flags);
	if (linktype == CL_LINKTYPE_ETHERNET)
		return CL_NEXT_ETHERNET;
	return cl_pkt_undecoded(p, CL_UND_LINKTYPE, linktype);
}
