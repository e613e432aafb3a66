/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SERVERCARD_H
#define CL_CLI_SERVERCARD_H

#include "cli/view/refidtext.h"
#include "cli/view/view.h"
#include "stats/view/cards.h"

/* What the view `server` draws: view_server.c reads it and writes JSON, servercard_tables.c the tables. */

/* What it keeps of exchanges. */
struct cl_server_kept {
	struct cl_cards *cards;
	struct cl_refidtext *refids;
};

/* A server: its sums of the store, and what is kept. */
struct cl_server_card {
	struct cl_addr addr;
	int64_t service_id;
	int64_t requests, responses, matched, unanswered;
	struct cl_hist delta;
	const struct cl_card *seen; /* NULL: nothing is kept */
	const struct cl_upstream **upstream;
	size_t upstreams;
};

struct cl_server_cards {
	struct cl_session *s;
	const struct cl_server_kept *k; /* NULL: the database does not keep single messages */
	struct cl_server_card *card;
	size_t count, more; /* `more` are not shown because of --top */
	bool any;	    /* packets */
	int64_t as_of_ns;
};

/* Whether the server's last answer names this upstream as its reference. */
bool cl_server_selected(const struct cl_server_cards *c, const struct cl_server_card *card,
			const struct cl_upstream *u);

/* Whether a server has a card among those shown. */
bool cl_server_shown(const struct cl_server_cards *c, const struct cl_addr *a);

/* The two values of a change as texts; false: it has none. */
bool cl_server_change_texts(const struct cl_said_event *e, char from[CL_REFIDTEXT_LEN],
			    char to[CL_REFIDTEXT_LEN]);

void cl_server_tables(const struct cl_server_cards *c, struct cl_tables *t);

/* What cannot be known from the wire, and where it is. */
struct cl_not_visible {
	const char *what, *where;
};
extern const struct cl_not_visible cl_not_visible[];
extern const size_t cl_not_visible_count;

#endif
