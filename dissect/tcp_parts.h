/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TCP_PARTS_H
#define CL_DISSECT_TCP_PARTS_H

#include "dissect/cursor.h"
#include "dissect/ledger.h"

/*
 * One direction of a TCP connection as a list of parts in the order of their sequence numbers (RFC 9293 sec.
 * 3.4): octets that wait, and stretches that have been taken. Between parts are holes. All comparisons are
 * modulo 2^32; a direction spans less than 2^31.
 */

/* A frame of which octets wait. */
struct cl_tcp_frame {
	struct cl_tcp_frame *next; /* of those that are free */
	int64_t time_ns;
	uint64_t number;
	uint32_t wire_bytes; /* not yet told with a message */
	uint32_t frames;     /* 1, and those of its fragments */
	uint32_t parts;	     /* that hold octets of it */
	uint8_t fate;	     /* if nothing better comes of it */
	bool done;	     /* it has its fate */
};

struct cl_tcp_part {
	struct cl_tcp_part *next;
	struct cl_tcp_frame *frame; /* NULL: taken */
	const uint8_t *octets;	    /* `kept` of them; the rest of `len` the capture has cut off */
	void *block;		    /* whose they are; NULL: the frame's being dissected */
	uint32_t seq, len, kept;
	uint32_t scanned;   /* no message begins in the first so many octets from here on */
	uint32_t tried;	    /* none was found in the so many octets in a row from here on; 0: look again */
	uint8_t size_class; /* of `block` */
	bool synced;	    /* taken, and a message begins behind it */
};

struct cl_tcp_side {
	struct cl_tcp_part *first, *last;
	uint32_t waiting; /* octets of memory that its parts take */
	uint32_t parts;	  /* in the list */
	uint32_t acked;	  /* by the other side, if `was_acked` */
	uint32_t need;	  /* if `has_need`: nothing to do until the parts reach this number */
	bool seen;	  /* a packet came from here */
	bool from_start;  /* octets before the first part are old ones */
	bool was_acked, has_need;
	bool ended;  /* FIN or RST: what is missing will not come */
	bool enough; /* nobody wants more of it */
	bool has_start;
	bool guessed;	/* `start` is what the SYN's answer acknowledged: data of the SYN come before it */
	bool gap;	/* octets before the next ones to take were given up */
	uint32_t start; /* its first octet's number, if has_start */
	uint32_t next;	/* of DNS: behind the message taken last, if has_next */
	uint32_t gaps;	/* of DNS: messages that did not begin there */
	bool has_next;
};

#define CL_TCP_CLASSES 6u

/* Memory of all parts, kept for the next when freed. */
struct cl_tcp_pool {
	struct cl_tcp_part *parts;
	struct cl_tcp_frame *frames;
	struct free_block *blocks[CL_TCP_CLASSES];
	uint64_t used;	    /* octets in use, those that applications hold among them */
	uint64_t allocated; /* of these and the free ones */
	uint64_t limit;
	struct cl_ledger *ledger;
};

/* How far a lies behind b; negative: before it. */
static inline int32_t cl_tcp_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static inline uint32_t cl_tcp_end(const struct cl_tcp_part *p)
{
	return p->seq + p->len;
}

/* Frees what is free. */
void cl_tcp_pool_trim(struct cl_tcp_pool *pool);

/* Puts a taken part of no octets behind `prev` (NULL: first). NULL when memory is short. */
struct cl_tcp_part *cl_tcp_taken(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *prev,
				 uint32_t seq);

/* What became of a segment's octets. */
struct cl_tcp_inserted {
	uint32_t fresh; /* new ones, kept as parts that borrow the frame's octets */
	bool differs;	/* others than those that wait already: the first ones hold */
	bool failed;	/* memory was short */
};

/* Adds a segment's octets; those that are there already hold. */
struct cl_tcp_inserted cl_tcp_insert(struct cl_tcp_pool *pool, struct cl_tcp_side *side, uint32_t seq,
				     struct cl_cur octets, struct cl_tcp_frame *frame);

/* Octets in a row from `part` on, taken ones not. */
uint32_t cl_tcp_run(const struct cl_tcp_part *part, uint32_t enough);

/* Copies up to n octets in a row from `part` on; the number copied, up to the first that is not kept. */
uint32_t cl_tcp_gather(const struct cl_tcp_part *part, uint8_t *out, uint32_t n);

/* Moves the next n octets, which are there in a row, into the taken part before them. */
void cl_tcp_consume(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *taken,
		    uint32_t n);

/* Divides a part that waits at `offset`, 0 < offset < len. False when memory is short. */
bool cl_tcp_split(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *part,
		  uint32_t offset);

/* Takes the part behind `prev` (NULL: the first) out; its frame's fate is counted if nothing came of it. */
void cl_tcp_drop(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_part *prev);

/* Takes all out. */
void cl_tcp_clear(struct cl_tcp_pool *pool, struct cl_tcp_side *side);

/* Makes parts that borrow `frame`'s octets keep them, with a copy of `frame`. What memory is too short for is
 * dropped. Whether any wait. */
bool cl_tcp_keep(struct cl_tcp_pool *pool, struct cl_tcp_side *side, struct cl_tcp_frame *frame);

#endif
