/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ATTR_H
#define CL_DISSECT_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/anomaly.h"
#include "dissect/cursor.h"
#include "dissect/ledger.h"
#include "dissect/span.h"

/* What a decoded value is. */
enum cl_vtype {
	CL_V_NONE, /* a line of words, no value */
	CL_V_UINT,
	CL_V_INT,
	CL_V_BOOL,
	CL_V_BYTES,    /* octets as they are */
	CL_V_TEXT,     /* octets of a text; whoever shows them escapes them */
	CL_V_IP4,      /* v.u: host byte order */
	CL_V_IP6,      /* v.bytes: 16 octets */
	CL_V_ETHER,    /* v.bytes: 6 or 8 octets */
	CL_V_NTP_TIME, /* v.u: raw 32.32 stamp; its era follows from the frame's time (RFC 5905 sec. 6) */
	CL_V_TIME,     /* v.i: nanoseconds since 1970 */
	CL_V_DURATION, /* v.i: nanoseconds; shown in seconds */
	CL_V_REAL,     /* v.f */
	CL_V_GROUP,    /* begins a subtree, up to its CL_V_END; v.bytes: a text beside its label */
	CL_V_OBJECT,   /* the same; JSON shows it whole, as an object in an array under its name */
	CL_V_END,
	CL_V_ROWS,  /* a bundle (cl_detail.bundled) of the rows of a header that follow its own */
	CL_V_BUNDLE /* a bundle of struct cl_bundle */
};

/* How a number is shown to people: the digits of a hexadecimal one, 0 for decimal. JSON has decimal always.
 */
enum { CL_DEC = 0, CL_HEX8 = 2, CL_HEX16 = 4, CL_HEX24 = 6, CL_HEX32 = 8, CL_HEX48 = 12, CL_HEX64 = 16 };

/* Flags of a field. */
#define CL_FD_GENERATED 0x01u /* derived, not on the wire: shown in brackets */
#define CL_FD_OBJECT	0x02u /* only within the object around it: not flat beside the layer's other fields */
#define CL_FD_FLAT	0x04u /* not within the object around it */

/**
 * A kind of value: Wireshark's filter name where Wireshark has the field, ours in the same manner where not.
 * Each name has one description in the whole program, static and constant. Within an object the last part of
 * the name is the key.
 */
struct cl_field {
	const char *name;  /* NULL: for people only */
	const char *label; /* for people; NULL: for programs only */
	uint8_t type, base, flags;
	const char *(*text)(uint64_t value); /* the value's name or NULL for none; may be NULL itself */
};

/* One decoded value. Octets are borrowed until the packet's callback returns. */
struct cl_attr {
	const struct cl_field *field;
	union {
		uint64_t u;
		int64_t i;
		double f;
		struct cl_span bytes;
	} v;
};

/* A protocol: Wireshark's filter name and a title. */
struct cl_protocol {
	const char *name, *title;
};

/* Flags of a layer. */
#define CL_LF_TUNNELLED	  0x01u /* below a tunnel's header */
#define CL_LF_QUOTED	  0x02u /* a copy inside an ICMP error: no traffic */
#define CL_LF_REASSEMBLED 0x04u /* its octets came in several frames, of which this is the last needed */

struct cl_layer {
	const struct cl_protocol *proto;
	uint32_t attr, attrs; /* its first and their number */
	uint8_t flags;
};

/* An anomaly and the layer it was met in. */
struct cl_finding {
	enum cl_anomaly id;
	uint32_t layer;
};

/**
 * All of a packet, filled only when asked for. Functions that put something accept NULL and do nothing;
 * decoders ask for it once where the work of decoding should be saved. Bounded: what comes after
 * CL_DETAIL_ATTRS values is left out and `full` says so.
 */
struct cl_detail {
	struct cl_layer *layer;
	struct cl_attr *attr;
	struct cl_finding *finding;
	uint32_t layers, attrs, findings;
	bool full; /* not all is here: too much for one packet, or memory was short */
	/* Bundles stand for their values, and `info` is empty: for who keeps what a bundle says. Set before.
	 */
	bool bundled;
	enum cl_fate fate;
	enum cl_undecoded undecoded; /* if that is its fate */
	uint32_t undecoded_value;
	struct cl_span info; /* what the packet says in a line, for people */

	/* the inside */
	struct cl_layer *current; /* the last one, or NULL */
	uint32_t layer_room, attr_room, finding_room;
	struct cl_detail_text *text;
};

#define CL_DETAIL_ATTRS 1000000u

/* NULL when memory is short. */
struct cl_detail *cl_detail_new(void);
void cl_detail_free(struct cl_detail *d);

/* Empties it for the next packet. */
void cl_detail_clear(struct cl_detail *d);

/* Begins a layer; what is put from now on is its. */
void cl_put_layer(struct cl_detail *d, const struct cl_protocol *proto, uint8_t flags);

void cl_put_none(struct cl_detail *d, const struct cl_field *f);
void cl_put_uint(struct cl_detail *d, const struct cl_field *f, uint64_t v); /* also BOOL, IP4, NTP_TIME */
void cl_put_int(struct cl_detail *d, const struct cl_field *f, int64_t v);   /* also TIME, DURATION */
void cl_put_real(struct cl_detail *d, const struct cl_field *f, double v);
/* BYTES, TEXT, IP6, ETHER: borrowed, of the packet or of cl_detail_keep. */
void cl_put_bytes(struct cl_detail *d, const struct cl_field *f, struct cl_span v);
/* TEXT from a string, which is copied. */
void cl_put_string(struct cl_detail *d, const struct cl_field *f, const char *s);
/* A formatted TEXT, of up to 1023 octets. */
void cl_put_format(struct cl_detail *d, const struct cl_field *f, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Begins and ends a GROUP or an OBJECT. `format` (NULL: none) makes the text beside its label. */
void cl_put_group(struct cl_detail *d, const struct cl_field *f, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void cl_put_end(struct cl_detail *d);

/* What the packet says, for a line; a further text is added after ", ". */
void cl_put_info(struct cl_detail *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says an anomaly of the current layer (cl_pkt_anomaly counts it too). */
void cl_put_finding(struct cl_detail *d, enum cl_anomaly id);

/* Copies octets that must outlive their buffer until cl_detail_clear; {NULL, 0} when memory is short. */
struct cl_span cl_detail_keep(struct cl_detail *d, const void *octets, size_t n);

/**
 * Values that follow from one number, without groups: of many packets they are the same. Whoever set
 * `bundled` gets the number alone (v.u), and opens it with cl_detail_open; for all others it makes no
 * difference.
 */
struct cl_bundle {
	struct cl_field field; /* CL_V_BUNDLE */
	void (*put)(struct cl_detail *d, uint64_t number);
};
#define CL_BUNDLE(put)                                                                                       \
	{                                                                                                    \
		{ NULL, NULL, CL_V_BUNDLE, 0, 0, NULL }, put                                                 \
	}
void cl_put_bundle(struct cl_detail *d, const struct cl_bundle *b, uint64_t number);

/* Makes `d`, which is not `bundled`, the values of a bundle. */
void cl_detail_open(struct cl_detail *d, const struct cl_attr *bundle);

/* A row of a header with fixed places: `width` octets at `at`; of a number the bits of `mask`, moved down
 * (0: all). width 0: GROUP and END rows, which take no octets. */
struct cl_header_row {
	struct cl_field field;
	uint16_t at;
	uint8_t width;
	uint64_t mask;
};

/* A row that makes a bundle of so many that follow it: all that they show is in the `width` octets (1 to 8).
 */
#define CL_ROWS(at, width, rows)                                                                             \
	{                                                                                                    \
		{ NULL, NULL, CL_V_ROWS, 0, 0, NULL }, at, width, rows                                       \
	}

/* Puts the rows whose octets were kept, in their order, reading from the cursor's position on. */
void cl_put_header(struct cl_detail *d, struct cl_cur header, const struct cl_header_row *rows, size_t n);
#define CL_PUT_HEADER(d, header, rows) cl_put_header(d, header, rows, sizeof(rows) / sizeof *(rows))

/* Looks a value up in rows sorted by value; NULL if it is not there. */
struct cl_name {
	uint32_t value;
	const char *name;
};
const char *cl_name_find(const struct cl_name *rows, size_t n, uint64_t value);

#endif
