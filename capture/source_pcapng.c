/* SPDX-License-Identifier: BSD-2-Clause */
/* The next generation's format: draft-ietf-opsawg-pcapng. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/linktype.h"
#include "capture/octets.h"
#include "capture/source_impl.h"
#include "capture/units.h"

#define BT_SHB 0x0a0d0d0au
#define BT_IDB 1u
#define BT_PB  2u /* obsolete packet block */
#define BT_SPB 3u
#define BT_ISB 5u
#define BT_EPB 6u
#define BT_DSB 10u

#define BYTE_ORDER_MAGIC 0x1a2b3c4du

#define OPT_END		0u
#define OPT_IF_TSRESOL	9u
#define OPT_IF_TSOFFSET 14u
#define OPT_ISB_IFDROP	5u
#define OPT_ISB_OSDROP	7u

#define BLOCK_FRAME    12u		   /* type, length, and the length again behind the body */
#define EPB_FRAME      32u		   /* a packet block without packet and options */
#define EPB_RECORD     12u		   /* where our record begins in it: behind the interface */
#define BLOCK_MAX      (16u * 1024 * 1024) /* of blocks whose body we read: a packet and its options */
#define INTERFACES_MAX 65536u

struct interface {
	uint16_t linktype;
	uint32_t snaplen; /* 0: no limit */
	struct cl_units units;
	uint64_t dropped_kernel, dropped_interface;
};

struct cl_pcapng {
	struct interface *interfaces; /* of this section */
	size_t n, room;
	int64_t last_ns; /* time of the packet before, for those that have none */
	bool swap;
};

/* The block at cl_source_at, wholly there. */
struct body {
	const uint8_t *p; /* past type and length */
	size_t len;	  /* without the trailing length */
	uint64_t place;
};

/* Options -------------------------------------------------------------------- */

struct option {
	const uint8_t *value;
	uint16_t code, len;
};

/* The option at *at, which moves past it; false at the list's end, with *bad set if it runs past the body. */
static bool option_next(const struct body *b, size_t *at, bool swap, struct option *o, bool *bad)
{
	size_t left = b->len - *at, padded;

	if (left < 4)
		return false;
	o->code = cl_get16(b->p + *at, swap);
	o->len = cl_get16(b->p + *at + 2, swap);
	o->value = b->p + *at + 4;
	if (o->code == OPT_END)
		return false;
	padded = ((size_t)o->len + 3) & ~(size_t)3;
	if (padded > left - 4) {
		*bad = true;
		return false;
	}
	*at += 4 + padded;
	return true;
}

/* Blocks --------------------------------------------------------------------- */

static bool damaged_block(struct cl_source *s, const struct body *b, const char *what)
{
	cl_source_fail(s, "the block at octet %" PRIu64 " %s: the file is damaged here", b->place, what);
	return false;
}

static struct interface *interface_new(struct cl_pcapng *ng)
{
	struct interface *grown;
	size_t room = ng->room > 0 ? 2 * ng->room : 4;

	if (ng->n == ng->room) {
		grown = realloc(ng->interfaces, room * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		ng->interfaces = grown;
		ng->room = room;
	}
	return &ng->interfaces[ng->n];
}

static bool read_idb(struct cl_source *s, const struct body *b)
{
	struct cl_pcapng *ng = s->ng;
	struct interface *i;
	struct option o;
	size_t at = 8;
	bool bad = false;
	uint8_t tsresol = 6;
	int64_t tsoffset = 0;

	if (b->len < 8)
		return damaged_block(s, b, "is too short for an interface");
	if (ng->n == INTERFACES_MAX)
		return damaged_block(s, b, "is one interface too many");
	i = interface_new(ng);
	if (i == NULL) {
		cl_source_fail(s, "out of memory");
		return false;
	}
	while (option_next(b, &at, ng->swap, &o, &bad)) {
		if (o.code == OPT_IF_TSRESOL && o.len >= 1)
			tsresol = o.value[0];
		else if (o.code == OPT_IF_TSOFFSET && o.len >= 8)
			tsoffset = (int64_t)cl_get64(o.value, ng->swap);
	}
	if (bad)
		return damaged_block(s, b, "has an option that is longer than itself");
	*i = (struct interface){
		.linktype = cl_linktype_of_file(cl_get16(b->p, ng->swap)),
		.snaplen = cl_get32(b->p + 4, ng->swap),
		.units = cl_units_of(tsresol, tsoffset),
	};
	ng->n++;
	return true;
}

static bool read_isb(struct cl_source *s, const struct body *b)
{
	struct cl_pcapng *ng = s->ng;
	struct interface *i;
	struct option o;
	size_t at = 12;
	bool bad = false;

	if (b->len < 12)
		return damaged_block(s, b, "is too short for statistics");
	if (cl_get32(b->p, ng->swap) >= ng->n)
		return damaged_block(s, b, "has the statistics of an interface there is not");
	i = &ng->interfaces[cl_get32(b->p, ng->swap)];
	while (option_next(b, &at, ng->swap, &o, &bad)) {
		if (o.code == OPT_ISB_IFDROP && o.len >= 8)
			i->dropped_interface = cl_get64(o.value, ng->swap);
		else if (o.code == OPT_ISB_OSDROP && o.len >= 8)
			i->dropped_kernel = cl_get64(o.value, ng->swap);
	}
	return bad ? damaged_block(s, b, "has an option that is longer than itself") : true;
}

/* Secrets whose length does not fit their block are of no use, and no packet is lost with them. */
static void read_dsb(struct cl_source *s, const struct body *b)
{
	const bool swap = s->ng->swap;

	if (b->len >= 8 && cl_get32(b->p + 4, swap) <= b->len - 8)
		s->secrets(s->secrets_ctx, cl_get32(b->p, swap), b->p + 8, cl_get32(b->p + 4, swap));
}

/* The interfaces go with their section, what they dropped stays. */
static bool read_shb(struct cl_source *s, const struct body *b)
{
	if (b->len < 16)
		return damaged_block(s, b, "is too short for a section");
	if (cl_get16(b->p + 4, s->ng->swap) != 1) {
		cl_source_fail(s, "pcapng version %u.%u is not known", cl_get16(b->p + 4, s->ng->swap),
			       cl_get16(b->p + 6, s->ng->swap));
		return false;
	}
	cl_pcapng_drops(s->ng, &s->dropped_kernel, &s->dropped_interface);
	s->ng->n = 0;
	s->ng->last_ns = 0;
	return true;
}

/* Packets -------------------------------------------------------------------- */

/* What a packet block says; `data` is `room` octets up to the block's end. */
struct packet {
	uint32_t interface, cap, wire;
	bool timed;
	uint64_t time;
	const uint8_t *data;
	size_t room;
};

static bool damaged_packet(struct cl_source *s, const struct body *b, uint32_t claim)
{
	cl_source_fail(s,
		       "record %" PRIu64 " at octet %" PRIu64 " claims %" PRIu32
		       " octets: the file is damaged here",
		       s->number + 1, b->place, claim);
	return false;
}

/* The run that is being made, and the record it ends with. */
struct growing {
	struct cl_run *run;
	size_t max;
	uint32_t interface;    /* of the last one */
	uint8_t *last;	       /* NULL: none yet */
	const uint8_t *behind; /* its packet's end */
};

/* Where a packet's record begins: just before its octets. A simple packet has no room for that. */
static uint8_t *record_at(struct cl_source *s, const struct packet *p)
{
	return s->block->data + (p->data - s->block->data) - CL_RECORD_HEAD;
}

/* Whether the packet goes on with the run; the first one always does. */
static bool goes_on(const struct growing *g, const uint8_t *at, int64_t time_ns, uint16_t linktype)
{
	if (g->last == NULL)
		return true;
	return time_ns >= g->run->last_ns && linktype == g->run->linktype &&
	       (size_t)(at - g->behind) <= CL_RECORD_GAP_MOST;
}

enum taken { DAMAGED, TAKEN, ANOTHER_RUN };

static enum taken deliver(struct cl_source *s, const struct body *b, const struct packet *p,
			  struct growing *g)
{
	const uint32_t wire = p->wire > p->cap ? p->wire : p->cap;
	const struct interface *i = &s->ng->interfaces[p->interface];
	struct cl_run *run = g->run;
	uint8_t *at = record_at(s, p);
	int64_t time_ns;

	if (p->cap > CL_RECORD_MAX || p->cap > p->room) {
		(void)damaged_packet(s, b, p->cap);
		return DAMAGED;
	}
	time_ns = p->timed ? cl_units_ns(&i->units, p->time) : s->ng->last_ns;
	if (!goes_on(g, at, time_ns, i->linktype))
		return ANOTHER_RUN;
	if (g->last == NULL) {
		run->at = at;
		run->number = s->number + 1;
		run->linktype = i->linktype;
		run->dense = false;
		if (time_ns < run->last_ns)
			g->max = 1;
	} else {
		cl_record_put_gap(g->last, (uint32_t)(at - g->behind));
	}
	cl_record_put(at, time_ns, p->cap, wire);
	g->interface = p->interface;
	g->last = at;
	g->behind = p->data + p->cap;
	run->last_ns = s->ng->last_ns = time_ns;
	run->octets += wire;
	run->kept += p->cap;
	run->n++;
	s->number++;
	return TAKEN;
}

static bool known_interface(struct cl_source *s, const struct body *b, uint32_t interface)
{
	if (interface < s->ng->n)
		return true;
	cl_source_fail(s,
		       "record %" PRIu64 " at octet %" PRIu64 " is of interface %" PRIu32
		       ", which is not described: the file is damaged here",
		       s->number + 1, b->place, interface);
	return false;
}

static enum taken read_epb(struct cl_source *s, const struct body *b, bool obsolete, struct growing *g)
{
	const bool swap = s->ng->swap;
	const uint8_t *p = b->p;
	struct packet k;

	if (b->len < 20) {
		(void)damaged_block(s, b, "is too short for a packet");
		return DAMAGED;
	}
	k.interface = obsolete ? cl_get16(p, swap) : cl_get32(p, swap);
	k.timed = true;
	k.time = (uint64_t)cl_get32(p + 4, swap) << 32 | cl_get32(p + 8, swap);
	k.cap = cl_get32(p + 12, swap);
	k.wire = cl_get32(p + 16, swap);
	k.data = p + 20;
	k.room = b->len - 20;
	return known_interface(s, b, k.interface) ? deliver(s, b, &k, g) : DAMAGED;
}

/* A record needs 4 octets more before the packet than this block has: the packet moves over its trailing
 * length, which was looked at. It begins a run and ends one, so that it moves once. */
static enum taken read_spb(struct cl_source *s, const struct body *b, struct growing *g)
{
	struct packet k = { .interface = 0, .timed = false };
	uint32_t snaplen;

	if (g->last != NULL)
		return ANOTHER_RUN;
	if (b->len < 4) {
		(void)damaged_block(s, b, "is too short for a packet");
		return DAMAGED;
	}
	if (!known_interface(s, b, 0))
		return DAMAGED;
	snaplen = s->ng->interfaces[0].snaplen;
	k.wire = cl_get32(b->p, s->ng->swap);
	k.cap = snaplen > 0 && snaplen < k.wire ? snaplen : k.wire;
	k.room = b->len - 4;
	memmove(s->block->data + s->pos + CL_RECORD_HEAD, b->p + 4, k.room);
	k.data = s->block->data + s->pos + CL_RECORD_HEAD;
	g->max = 1;
	return deliver(s, b, &k, g);
}

/* The walk ------------------------------------------------------------------- */

static bool cut_short(struct cl_source *s, uint32_t type)
{
	if (type == BT_EPB || type == BT_PB || type == BT_SPB)
		cl_source_fail(s, "cut short in the middle of record %" PRIu64, s->number + 1);
	else
		cl_source_fail(s, "cut short in the middle of the block at octet %" PRIu64,
			       cl_source_place(s));
	return false;
}

static bool damaged_length(struct cl_source *s, uint32_t len)
{
	cl_source_fail(s,
		       "the block at octet %" PRIu64 " claims to be %" PRIu32
		       " octets long: the file is damaged here",
		       cl_source_place(s), len);
	return false;
}

/* A section's first block is in the byte order it names itself. */
static bool take_order(struct cl_source *s)
{
	uint32_t magic;

	if (!cl_source_more(s, 12))
		return cut_short(s, BT_SHB);
	magic = cl_get32(cl_source_at(s) + 8, false);
	if (magic != BYTE_ORDER_MAGIC && magic != __builtin_bswap32(BYTE_ORDER_MAGIC)) {
		cl_source_fail(s,
			       "the section at octet %" PRIu64 " has no byte order: the file is damaged here",
			       cl_source_place(s));
		return false;
	}
	s->ng->swap = magic != BYTE_ORDER_MAGIC;
	return true;
}

static bool is_read(uint32_t type)
{
	return type == BT_SHB || type == BT_ISB || type == BT_EPB || (type >= BT_IDB && type <= BT_SPB);
}

/* Passes over a block whose body is of no use, however long it is. */
static bool skip_block(struct cl_source *s, uint32_t len)
{
	struct body b = { .place = cl_source_place(s) };

	if (!cl_source_skip(s, len - 4) || !cl_source_more(s, 4)) {
		cl_source_fail(s, "cut short in the middle of the block at octet %" PRIu64, b.place);
		return false;
	}
	if (cl_get32(cl_source_at(s), s->ng->swap) != len)
		return damaged_block(s, &b, "does not end where it says");
	s->pos += 4;
	return true;
}

/* A block that is no packet; false at damage. */
static bool read_other(struct cl_source *s, uint32_t type, const struct body *b)
{
	switch (type) {
	case BT_SHB:
		return read_shb(s, b);
	case BT_IDB:
		return read_idb(s, b);
	case BT_ISB:
		return read_isb(s, b);
	default: /* BT_DSB */
		read_dsb(s, b);
		return true;
	}
}

/* Takes the block at hand, unless another run begins with it. */
static enum taken read_block(struct cl_source *s, uint32_t type, uint32_t len, struct growing *g)
{
	struct body b = { cl_source_at(s) + 8, len - BLOCK_FRAME, cl_source_place(s) };
	enum taken taken;

	if (cl_get32(b.p + b.len, s->ng->swap) != len) {
		(void)damaged_block(s, &b, "does not end where it says");
		return DAMAGED;
	}
	if (type == BT_EPB || type == BT_PB)
		taken = read_epb(s, &b, type == BT_PB, g);
	else if (type == BT_SPB)
		taken = read_spb(s, &b, g);
	else
		taken = read_other(s, type, &b) ? TAKEN : DAMAGED;
	if (taken == TAKEN)
		s->pos += len;
	return taken;
}

/* The header of the block at hand: false at the end of the file or at damage. */
static bool block_header(struct cl_source *s, uint32_t *type, uint32_t *len)
{
	if (!cl_source_more(s, 8)) {
		if (cl_source_left(s) > 0)
			cl_source_fail(s, "cut short in the middle of record %" PRIu64, s->number + 1);
		return false;
	}
	*type = cl_get32(cl_source_at(s), s->ng->swap);
	if (*type == BT_SHB && !take_order(s))
		return false;
	*len = cl_get32(cl_source_at(s) + 4, s->ng->swap);
	if (*len < BLOCK_FRAME || *len % 4 != 0 || (*len > BLOCK_MAX && is_read(*type)))
		return damaged_length(s, *len);
	return true;
}

/* Whether the next block is in memory as a whole, so that frames cut before it stay in this block. */
static bool at_hand(const struct cl_source *s)
{
	size_t left = cl_source_left(s);

	return left >= BLOCK_FRAME && left >= cl_get32(cl_source_at(s) + 4, s->ng->swap) &&
	       cl_get32(cl_source_at(s), false) != BT_SHB;
}

/*
 * Nearly all packets: of the same interface as the one before, later, at hand, in a block that is as it
 * should be. What is anything else is left to scout().
 */
static inline __attribute__((always_inline)) void walk(struct cl_source *s, struct growing *g,
						       const bool swap)
{
	const struct interface *i = &s->ng->interfaces[g->interface];
	const uint8_t *const end = s->block->data + s->block->used;
	struct cl_run *run = g->run;
	const uint32_t before = run->n;
	int64_t newest = run->last_ns;
	uint8_t *p = cl_source_at(s), *last = g->last;
	const uint8_t *behind = g->behind;
	uint64_t octets = 0, kept = 0;
	uint32_t n = before;

	while (n < g->max && (size_t)(end - p) >= EPB_FRAME) {
		const uint32_t len = cl_get32(p + 4, swap), cap = cl_get32(p + 20, swap);
		const uint32_t wire = cl_get32(p + 24, swap), gap = (uint32_t)(p + EPB_RECORD - behind);
		const uint64_t stamp = (uint64_t)cl_get32(p + 12, swap) << 32 | cl_get32(p + 16, swap);
		const int64_t time_ns = (int64_t)(stamp * i->units.factor);

		if (cl_get32(p, swap) != BT_EPB || cl_get32(p + 8, swap) != g->interface || len < EPB_FRAME ||
		    len % 4 != 0 || len > (size_t)(end - p) || cap > len - EPB_FRAME || cap > CL_RECORD_MAX ||
		    wire < cap || cl_get32(p + len - 4, swap) != len || stamp >= i->units.plain ||
		    time_ns < newest || gap > CL_RECORD_GAP_MOST)
			break;
		cl_record_put_gap(last, gap);
		last = p + EPB_RECORD;
		cl_record_put(last, time_ns, cap, wire);
		newest = time_ns;
		behind = last + CL_RECORD_HEAD + cap;
		octets += wire;
		kept += cap;
		p += len;
		n++;
	}
	g->last = last;
	g->behind = behind;
	run->n = n;
	run->last_ns = s->ng->last_ns = newest;
	run->octets += octets;
	run->kept += kept;
	s->number += n - before;
	s->pos = (size_t)(p - s->block->data);
}

static void scout(struct cl_source *s, struct cl_run *run, size_t max)
{
	struct growing g = { .run = run, .max = max };
	uint32_t type, len;

	while (run->n < g.max) {
		if (run->n > 0 && !at_hand(s))
			break;
		if (!block_header(s, &type, &len))
			break;
		if (!is_read(type) && !(type == BT_DSB && s->secrets != NULL && len <= BLOCK_MAX)) {
			if (!skip_block(s, len))
				break;
			continue;
		}
		if (!cl_source_more(s, len)) {
			cut_short(s, type);
			break;
		}
		if (read_block(s, type, len, &g) != TAKEN)
			break;
		if (type == BT_EPB && s->ng->swap)
			walk(s, &g, true);
		else if (type == BT_EPB)
			walk(s, &g, false);
	}
	s->dry = !at_hand(s);
}

/* A file that ends in its first section header gives no result, as one that ends in pcap's header does. What
 * is wrong with a header that is there as a whole shows when it is read. */
static void first_section(struct cl_source *s)
{
	uint32_t len;

	if (cl_source_more(s, BLOCK_FRAME)) {
		s->ng->swap = cl_get32(cl_source_at(s) + 8, false) != BYTE_ORDER_MAGIC;
		len = cl_get32(cl_source_at(s) + 4, s->ng->swap);
		if (len > BLOCK_MAX || cl_source_more(s, len))
			return;
	}
	cl_source_fail(s, "cut short in the middle of its header");
}

bool cl_pcapng_begin(struct cl_source *s)
{
	if (cl_source_left(s) < 4 || cl_get32(cl_source_at(s), false) != BT_SHB)
		return false;
	if (cl_source_more(s, 12)) {
		uint32_t magic = cl_get32(cl_source_at(s) + 8, false);

		if (magic != BYTE_ORDER_MAGIC && magic != __builtin_bswap32(BYTE_ORDER_MAGIC))
			return false;
	}
	s->ng = calloc(1, sizeof(*s->ng));
	if (s->ng == NULL)
		cl_source_fail(s, "out of memory");
	else
		first_section(s);
	s->scout = scout;
	return true;
}

void cl_pcapng_drops(const struct cl_pcapng *ng, uint64_t *kernel, uint64_t *interface)
{
	for (size_t i = 0; i < ng->n; i++) {
		*kernel += ng->interfaces[i].dropped_kernel;
		*interface += ng->interfaces[i].dropped_interface;
	}
}

void cl_pcapng_free(struct cl_pcapng *ng)
{
	if (ng == NULL)
		return;
	free(ng->interfaces);
	free(ng);
}
