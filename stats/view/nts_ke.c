/* SPDX-License-Identifier: BSD-2-Clause */
/* Handshakes of NTS key establishment (RFC 8915 sec. 4), as TCP and the start of TLS show them. */
#include <string.h>

#include "stats/view/nts_state.h"

static void count_end(struct cl_nts_ke *k, const struct cl_note *c)
{
	k->connections++;
	if (c->hello_ns != 0)
		k->shaken++;
	else if ((c->state & CL_CONN_SYN) == 0)
		k->cut++;
	else if ((c->state & CL_CONN_REFUSED) != 0)
		k->refused++;
	else if ((c->state & CL_CONN_ANSWER) == 0)
		k->silent++;
	else
		k->no_hello++;
	if (c->hello_ns != 0 && c->syn_ns != 0)
		(void)cl_hist_add(&k->setup, c->hello_ns - c->syn_ns);
	if (c->hello_ns != 0 && c->syn_ns != 0 && c->close_ns != 0)
		(void)cl_hist_add(&k->duration, c->close_ns - c->syn_ns);
}

static uint8_t copy_name(char *to, const struct cl_note *c, enum cl_note_piece piece)
{
	size_t length;
	const uint8_t *octets = cl_note_piece(c, piece, &length);

	if (length > CL_NTS_NAME_MAX)
		length = CL_NTS_NAME_MAX;
	if (octets != NULL)
		memcpy(to, octets, length);
	return (uint8_t)length;
}

static void count_name(struct cl_nts *n, uint32_t ke, const struct cl_note *c)
{
	struct cl_nts_name key = { .ke = ke };

	if ((c->state & CL_CONN_HELLO) == 0)
		return;
	key.sni_length = copy_name(key.sni, c, CL_PIECE_SNI);
	key.alpn_length = copy_name(key.alpn, c, CL_PIECE_ALPN);
	struct cl_nts_name *name = cl_keyed_get(&n->names, &key, NULL);
	if (name != NULL)
		name->connections++;
	else
		n->refused.names++;
}

/* A handshake that went well, as far as can be seen: the client has cookies. */
static void count_client(struct cl_nts *n, struct cl_nts_ke *k, const struct cl_message *m)
{
	struct nts_client *client = cl_nts_client(n, &m->event->src);

	if (client == NULL) {
		n->refused.connections++;
		return;
	}
	k->clients += cl_nts_first_time(n, NTS_SEEN_KE, cl_keyed_number(&n->ke, k),
					cl_keyed_number(&n->clients, client));
	if (m->note->hello_ns == 0)
		return;
	n->all.ke_clients += !client->ke;
	client->ke = true;
	client->handshakes++;
	if (client->nts && m->event->time_ns < client->last_ns) /* told late */
		return;
	client->follows = true;
	client->shaken++;
	client->ke_ns = m->event->time_ns;
}

void cl_nts_take_ke(struct cl_nts *n, const struct cl_message *m)
{
	struct cl_nts_ke key = { .addr = m->event->dst, .port = m->note->port };
	bool fresh;
	struct cl_nts_ke *k = cl_keyed_get(&n->ke, &key, &fresh);

	if (k == NULL) {
		n->refused.connections++;
		return;
	}
	if (fresh)
		k->number = cl_keyed_number(&n->ke, k);
	count_end(k, m->note);
	count_name(n, k->number, m->note);
	count_client(n, k, m);
}
