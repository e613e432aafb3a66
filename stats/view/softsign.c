/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/softsign.h"

#include <stdio.h>

#define ONE_SECOND     0x10000u /* 16.16 */
#define CLOCKS	       0xff	/* precisions from 2^-32 to 2^-8 s */
#define FNV_BASIS      2166136261u
#define FNV_PRIME      16777619u
#define FIRST_USERPORT 1024u

static char short_letter(uint32_t v)
{
	return v == 0 ? '0' : v == ONE_SECOND ? '1' : 'r';
}

static char refid_letter(uint32_t refid)
{
	unsigned printable = 0;

	if (refid == 0)
		return '0';
	for (unsigned i = 0; i < 4; i++) {
		uint8_t c = (uint8_t)(refid >> (24 - 8 * i));

		printable += (c >= 0x20 && c < 0x7f) || (i > 0 && c == 0);
	}
	return printable == 4 ? 'a' : 'r';
}

struct cl_softsign cl_softsign_of(const struct cl_event *e, const struct cl_note *n)
{
	const struct cl_ntp *h = &e->u.ntp;
	uint8_t precision = (uint8_t)n->precision;

	return (struct cl_softsign){
		.mode = h->mode,
		.version = h->version,
		.leap = n->leap,
		.stratum = h->stratum == 0   ? '0'
			   : h->stratum < 16 ? 'r'
					     : 'x',
		.poll = h->poll == 0			? '0'
			: h->poll >= 3 && h->poll <= 17 ? 'p'
							: 'x',
		.precision = precision >= 0xe0 && precision <= 0xf8 ? CLOCKS : precision,
		.delay = short_letter(n->root_delay),
		.dispersion = short_letter(n->root_dispersion),
		.refid = refid_letter(n->refid),
		.ref = n->ref == 0 ? 'z' : 's',
		.org = h->org == 0 ? 'z' : 's',
		.rec = h->rec == 0 ? 'z' : 's',
		.port = e->sport == 123		    ? 'p'
			: e->sport < FIRST_USERPORT ? 'l'
						    : 'e',
		.tos = (uint8_t)(n->ip_tos & 0xfc),
		.tail = "pmkan"[n->auth < CL_NTP_AUTHS ? n->auth : CL_NTP_AUTH_PLAIN],
		.length = n->auth == CL_NTP_AUTH_NTS
				  ? 0
				  : (uint16_t)(n->length < UINT16_MAX ? n->length : UINT16_MAX),
	};
}

unsigned cl_softsign_text(const struct cl_softsign *g, enum cl_xmt_class class, char out[CL_SOFTSIGN_LEN])
{
	char precision[8], length[8];
	int n;

	snprintf(precision, sizeof precision, "%02x", g->precision);
	snprintf(length, sizeof length, "%u", g->length);
	n = snprintf(out, CL_SOFTSIGN_LEN, "%c%u.%u%c.%c.%s-%c%c%c-%c%c%c-%c-%c-t%02x-%s%s",
		     g->mode == 3   ? 'c'
		     : g->mode == 1 ? 's'
				    : 'o',
		     g->version, g->leap, g->stratum, g->poll, g->precision == CLOCKS ? "rr" : precision,
		     g->delay, g->dispersion, g->refid, g->ref, g->org, g->rec,
		     class < CL_XMT_CLASSES ? cl_xmt_letters[class] : 'X', g->port, g->tos,
		     g->tail == 'n' ? "" : length,
		     g->tail == 'n'   ? "nts"
		     : g->tail == 'm' ? "m"
		     : g->tail == 'k' ? "k"
		     : g->tail == 'a' ? "a"
				      : "");
	return n > 0 && n < CL_SOFTSIGN_LEN ? (unsigned)n : 0;
}

uint32_t cl_softsign_hash(const char *text)
{
	uint32_t hash = FNV_BASIS;

	for (; *text != '\0'; text++)
		hash = (hash ^ (uint8_t)*text) * FNV_PRIME;
	return hash;
}
