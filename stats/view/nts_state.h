/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_NTS_STATE_H
#define CL_STATS_NTS_STATE_H

#include "stats/table/keyed.h"
#include "stats/view/nts.h"

/* What nts.c, nts_ke.c and nts_results.c share. */

#define NTS_OTHERS (2u * CL_NTP_AUTHS) /* rows `other` that a table may have beyond its limit */

/* Records begin with their keys. */
struct nts_client {
	struct cl_addr addr;
	int64_t ke_ns;	     /* end of the last handshake */
	int64_t last_ns;     /* last NTS request */
	uint32_t handshakes; /* that gave cookies, as far as can be seen */
	uint32_t shaken;     /* of these, since the last NTS request */
	uint8_t auths;	     /* bits of enum cl_ntp_auth */
	bool nts, reuses, ke, follows;
};

/* What became of a client's last NTS request to a server. */
enum nts_fate { NTS_NONE, NTS_MISSING, NTS_SEEN, NTS_REFUSED };

struct nts_pair {
	uint32_t server, client;
	uint32_t handshakes; /* of the client, at that request */
	uint16_t length;     /* 1 + number of that request's row; 0: none */
	uint8_t placeholders, fate;
	bool nts;
};

struct nts_cookie {
	uint64_t cookie;   /* its hash */
	uint64_t identity; /* of the request that it was last in */
	uint32_t client;   /* that sent it last */
};

/* What clients are counted once for. */
enum nts_seen { NTS_SEEN_KEY, NTS_SEEN_KE };

struct cl_nts {
	struct cl_keyed servers, clients, pairs, cookies, seen;
	struct cl_keyed keys, lengths, fields, ke, names;
	struct cl_nts_totals all;
	struct cl_nts_refused refused;
	bool settled;
};

/* Whether a client is new to a row. */
bool cl_nts_first_time(struct cl_nts *n, enum nts_seen what, uint32_t row, uint32_t client);

/* NULL: no room. */
struct nts_client *cl_nts_client(struct cl_nts *n, const struct cl_addr *addr);

void cl_nts_take_ke(struct cl_nts *n, const struct cl_message *m);

#endif
