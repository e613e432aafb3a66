/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TCP_STATE_H
#define CL_DISSECT_TCP_STATE_H

#include "dissect/conversation.h"
#include "dissect/packet.h"
#include "dissect/tcp.h"
#include "dissect/tcp_parts.h"

/* What dissect/tcp*.c share. */

/* Flags of the header (RFC 9293 sec. 3.1). */
#define CL_TCP_FIN 0x001u
#define CL_TCP_SYN 0x002u
#define CL_TCP_RST 0x004u
#define CL_TCP_ACK 0x010u

/* How long a hole is waited for when nothing says that it will not be filled, in packet time. */
#define CL_TCP_SKIP_NS INT64_C(1000000000)
/* How long what was left before it is kept, should it be filled after all. */
#define CL_TCP_HOLE_NS INT64_C(10000000000)

struct cl_tcp_end_point {
	struct cl_addr addr;
	uint16_t port;
};

/* A connection; side 0 is the client's, as far as ports tell. */
struct cl_conn {
	struct cl_conn *same_hash, *newer, *older;
	struct cl_tcp_end_point end[2];
	uint32_t number; /* from 1 */
	bool dns;	 /* else `app` */
	const struct cl_tcp_app *app;
	void *state; /* the application's */
	struct cl_tcp_side side[2];
	int64_t syn_ns, answer_ns;	/* of SYN and SYN-ACK; 0: not seen */
	struct cl_tcp_history *history; /* NULL without notes, and once it was told */
	bool told;			/* how it ended */
	int64_t handshake_ns;		/* from the SYN to the ACK that ends the handshake; 0: not known */
};

struct cl_streams {
	struct cl_tcp_pool pool;
	struct cl_conn **index; /* 2^bits lists; NULL until the first connection */
	unsigned bits;
	struct cl_conn *oldest, *newest;
	uint32_t connections, limit, side_limit, numbers;
	uint8_t *line; /* octets put in a row, `line_room` of them */
	uint32_t line_room;
	struct cl_conversations *all; /* NULL in the lean pass without notes */
	struct {
		uint16_t port;
		const struct cl_tcp_app *app;
	} extra; /* an application for tests */
};

/* Who the ports belong to: DNS, or an application, or nobody. */
struct cl_tcp_kind {
	bool dns, to_service; /* the destination's port tells */
	const struct cl_tcp_app *app;
};

/* The fields of a header that connections need. */
struct cl_tcp_header {
	uint32_t seq, ack;
	uint32_t header; /* octets, options among them; 0: not known */
	uint16_t flags, window;
};

/* Gives a segment, whose payload p->cur is over, to its connection; sets the packet's fate or lets it wait.
 */
void cl_tcp_segment(struct cl_pkt *p, const struct cl_tcp_kind *kind, const struct cl_tcp_header *h);

/* The maximum segment size that the header of a SYN says, at `header`; 0: none, or no SYN. */
uint16_t cl_tcp_mss(struct cl_cur header);

/* Puts the header at `whole`, whose payload p->cur is over (or nothing, if the header did not read well). */
void cl_tcp_put(struct cl_pkt *p, struct cl_cur whole, const struct cl_tcp_header *h);

/* Numbers the segment's conversation as that does, for the note alone. */
void cl_tcp_number(struct cl_pkt *p, const struct cl_tcp_header *h);

/* The same of a quoted segment, whose ports alone were read. */
void cl_tcp_number_quoted(struct cl_pkt *p);

/* Puts the options, over which `options` is; `receiver` may be NULL. Whether a Fast Open cookie is among
 * them.
 */
bool cl_tcp_put_options(struct cl_pkt *p, struct cl_cur options, const struct cl_flow *receiver);

/* Puts what a segment of `len` octets says about those before it. */
void cl_tcp_analyse(struct cl_pkt *p, struct cl_conversation *c, unsigned dir, const struct cl_tcp_header *h,
		    uint32_t len);

/* What a SYN's options say of the window scale (RFC 7323 sec. 2.2): -2 if nothing. */
int16_t cl_tcp_scale(struct cl_cur options);

/* Octets in the blocks of a selective acknowledgement (RFC 2018 sec. 3); 0 without one. */
uint32_t cl_tcp_sacked(struct cl_cur options);

/* A segment being worked on. */
struct cl_tcp_work {
	struct cl_streams *s;
	struct cl_conn *c;
	struct cl_pkt *p;
	struct cl_tcp_frame *now; /* the frame */
	unsigned dir;		  /* the side that sent what is looked at */
	bool swapped;		  /* which is not the one that sent the frame */
	bool announced;		  /* sizes of messages have been put */
	uint32_t search;	  /* offsets and records that may still be looked at */
};

/* False: nobody's. */
bool cl_tcp_kind_of(const struct cl_pkt *p, struct cl_tcp_kind *out);

/* The connection of a packet's addresses and ports, made if it is not there; NULL when memory is short. `dir`
 * is set to the sender's side. */
struct cl_conn *cl_conn_find(struct cl_streams *s, struct cl_pkt *p, const struct cl_tcp_kind *kind,
			     unsigned *dir);

/* Begins it anew: the same addresses and ports, another connection. */
void cl_conn_renew(struct cl_streams *s, struct cl_conn *c, struct cl_pkt *p);

/* Gives up what waits longest until there is memory again. */
void cl_conn_relieve(struct cl_streams *s, const struct cl_conn *but);

/* `n` octets in a row at s->line; NULL when memory is short. */
uint8_t *cl_streams_line(struct cl_streams *s, uint32_t n);

/* Cuts DNS messages (RFC 1035 sec. 4.2.2, RFC 7766 sec. 8) out of what is there of side w->dir. */
void cl_tcp_dns(struct cl_tcp_work *w);

/* Gives an application what is there of side w->dir. */
void cl_tcp_app(struct cl_tcp_work *w);

/* What is remembered of a connection until it ends and an event tells of it; only with notes. */
struct cl_tcp_history {
	struct cl_addr outer[2]; /* of the outermost IP header, by side, if tunnelled */
	int64_t syn_ns, open_ns, hello_ns, close_ns, last_ns;
	uint64_t frame; /* the first */
	uint64_t bytes[2];
	uint32_t packets[2], stream, file;
	uint32_t end[2]; /* number behind the side's FIN, if it has sent one */
	uint16_t tls_version;
	uint16_t names[2]; /* octets of server name and ALPN identifier in `name` */
	uint8_t ip_ttl, ip_tos, tunnel;
	uint8_t state;	      /* bits CL_CONN_ */
	uint8_t kind;	      /* enum cl_tls_kind, if CL_CONN_HELLO */
	bool fin[2], over[2]; /* a FIN was sent, and acknowledged */
	uint8_t *name;
};

/* A segment with `length` octets is told to its connection's history, which it may begin. */
void cl_tcp_history_add(struct cl_tcp_work *w, const struct cl_tcp_header *h, uint32_t length);

/* Tells the event if the segment ended the connection: a RST, or the last acknowledgement of two FINs. */
void cl_tcp_history_check(struct cl_tcp_work *w, const struct cl_tcp_header *h);

/* Tells the event of a connection that is given up; what p->ev and p->note have of their packet stays. */
void cl_tcp_history_tell(struct cl_pkt *p, struct cl_conn *c);

void cl_tcp_history_free(struct cl_streams *s, struct cl_conn *c);

/* Whether octets before `run`, behind `prev` (NULL: nothing is), are no longer waited for. `taken`: some
 * before it were taken. */
bool cl_tcp_may_skip(const struct cl_tcp_work *w, const struct cl_tcp_part *prev,
		     const struct cl_tcp_part *run, bool taken);

#endif
