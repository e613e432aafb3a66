/* SPDX-License-Identifier: BSD-2-Clause */
/* What a client's last requests say it runs. docs/signatures.md has the rules. */
#include <stdio.h>
#include <string.h>

#include "stats/view/software_state.h"

#define PROGRAMS_MAX 3u /* that one address is said to run */
#define GAPS_LEAST   3u /* fewer prove nothing */
#define KEPT_LEAST   2u

/* One client's requests, the newest first. */
struct ballot {
	const struct cl_software *s;
	const struct cl_soft_client *c;
	unsigned n;
	uint16_t first; /* the bit of its first request, before which there is none */
	bool several;
};

/* What rows of one name found. */
struct candidate {
	uint16_t name, row; /* row: the one whose confidence counts */
	uint16_t mask;	    /* of requests */
	uint8_t rank;
	bool proven, versions; /* versions: its rows agree */
};

struct candidates {
	struct candidate one[CL_SIG_ROWS_MAX];
	unsigned n;
};

static unsigned bits(uint16_t mask)
{
	return (unsigned)__builtin_popcount(mask);
}

static const struct cl_soft_form *form_at(const struct ballot *b, unsigned slot)
{
	uint16_t form = b->c->form[slot];

	return form == 0 || form == CL_SOFT_OTHER ? NULL : cl_arena_at(&b->s->forms, form - 1u);
}

/* Requests in a slot. */
static uint16_t in_slot(const struct ballot *b, unsigned slot)
{
	uint16_t mask = 0;

	for (unsigned i = 0; i < b->n; i++)
		if ((b->c->slots >> (2 * i) & 3u) == slot)
			mask = (uint16_t)(mask | 1u << i);
	return mask;
}

static void count_seen(const struct ballot *b, uint16_t mask, uint8_t seen[CL_XMT_SEEN_ROOM])
{
	memset(seen, 0, CL_XMT_SEEN_ROOM);
	for (unsigned i = 0; i < b->n; i++)
		if (((unsigned)mask >> i & 1u) != 0)
			seen[b->c->seen >> (4 * i) & 15u]++; /* all it was made of are kinds */
}

static enum cl_fit worse(enum cl_fit a, enum cl_fit b)
{
	return a < b ? a : b;
}

static enum cl_fit fit_xmt(const struct ballot *b, const struct cl_signature *row, uint16_t mask)
{
	enum cl_fit best = row->xmt == 0 ? CL_FIT_PROVEN : CL_FIT_NO;
	uint8_t seen[CL_XMT_SEEN_ROOM];

	count_seen(b, mask, seen);
	for (unsigned k = 0; k < CL_XMT_CLASSES; k++) {
		enum cl_fit fit = (row->xmt >> k & 1) != 0
					  ? cl_xmt_fit((enum cl_xmt_class)k, seen, bits(mask))
					  : CL_FIT_NO;

		best = fit > best ? fit : best;
	}
	return best;
}

static enum cl_fit fit_port(const struct ballot *b, const struct cl_signature *row, uint16_t mask)
{
	const uint16_t followed = (uint16_t)(mask & ~b->first);
	const unsigned n = bits(followed), kept = bits(followed & b->c->kept);

	if (row->port == CL_SIG_PORT_ANY)
		return CL_FIT_PROVEN;
	if (row->port == CL_SIG_PORT_NEW) /* nothing says that it is another */
		return b->several || kept <= cl_odd(n) ? CL_FIT_PROVEN : CL_FIT_NO;
	if (b->several || n == 0)
		return CL_FIT_POSSIBLE;
	if (n - kept > cl_odd(n))
		return CL_FIT_NO;
	return kept >= KEPT_LEAST ? CL_FIT_PROVEN : CL_FIT_POSSIBLE;
}

static enum cl_fit fit_gaps(const struct ballot *b, const struct cl_signature *row)
{
	unsigned all = 0;

	for (unsigned k = 0; k < CL_GAP_BUCKETS; k++)
		all += cl_soft_gap(b->c, k);
	if (row->gaps == 0)
		return CL_FIT_PROVEN;
	if (b->several || all < GAPS_LEAST)
		return CL_FIT_POSSIBLE;
	for (const struct cl_sig_gap *g = row->gap; g < row->gap + row->gaps; g++) {
		unsigned in = 0;

		for (unsigned k = g->low; k <= g->high; k++)
			in += cl_soft_gap(b->c, k);
		if (in * 100 < g->share * all)
			return CL_FIT_NO;
	}
	return CL_FIT_PROVEN;
}

/* Puts what a row found to what others of its name did. */
static void add_candidate(const struct ballot *b, struct candidates *all, uint16_t number, uint16_t mask,
			  bool proven)
{
	const struct cl_signature *rows = b->s->sigs->row, *row = &rows[number];
	struct candidate *c = all->one;

	while (c < all->one + all->n && c->name != b->s->name_of[number])
		c++;
	if (c == all->one + all->n) {
		*c = (struct candidate){ .name = b->s->name_of[number],
					 .row = number,
					 .mask = mask,
					 .rank = row->rank,
					 .proven = proven,
					 .versions = true };
		all->n++;
		return;
	}
	const bool better = proven != c->proven ? proven : row->rank > c->rank;
	const char *a = rows[c->row].versions, *v = row->versions;
	/* what is proven says which version, whatever else is possible */
	if (proven == c->proven)
		c->versions = c->versions && (a == v || (a != NULL && v != NULL && strcmp(a, v) == 0));
	else if (better)
		c->versions = true;
	c->mask = (uint16_t)(c->mask | mask);
	c->proven = c->proven || proven;
	if (better) {
		c->row = number;
		c->rank = row->rank;
	}
}

static void nominate(const struct ballot *b, struct candidates *all)
{
	static const struct cl_sig_bits none = { { 0 } };
	struct cl_sig_bits any = none;
	const struct cl_sig_bits *fit_by[CL_SOFT_SLOTS];
	uint16_t slots[CL_SOFT_SLOTS];

	all->n = 0;
	for (unsigned k = 0; k < CL_SOFT_SLOTS; k++) {
		const struct cl_soft_form *form = form_at(b, k);

		fit_by[k] = form != NULL ? &form->rows : &none;
		slots[k] = in_slot(b, k);
		for (size_t w = 0; slots[k] != 0 && w < CL_SIG_ROWS_MAX / 64; w++)
			any.word[w] |= fit_by[k]->word[w];
	}
	for (size_t i = 0; i < b->s->sigs->rows; i++) {
		const struct cl_signature *row = &b->s->sigs->row[i];
		uint16_t mask = 0;

		if (!cl_sig_has(&any, i))
			continue;
		for (unsigned k = 0; k < CL_SOFT_SLOTS; k++)
			if (cl_sig_has(fit_by[k], i))
				mask = (uint16_t)(mask | slots[k]);
		enum cl_fit fit =
			worse(fit_xmt(b, row, mask), worse(fit_port(b, row, mask), fit_gaps(b, row)));
		if (mask != 0 && fit != CL_FIT_NO)
			add_candidate(b, all, (uint16_t)i, mask, fit == CL_FIT_PROVEN);
	}
}

/* One program, or those between which nothing decides. */
struct program {
	const struct candidate *chosen[CL_SIG_ROWS_MAX];
	unsigned count;
	uint16_t covers; /* requests */
};

/* Those who share the most of what is left: the highest rank that is proven, and what may be as high; none
 * that has no more than `odd` of it. False: nobody. What they cover goes out of `left`. */
static bool elect(const struct candidates *all, unsigned odd, uint16_t *left, struct program *p)
{
	int top = -1;
	unsigned most = 0;
	uint16_t covered = 0;

	p->count = 0;

	for (unsigned pass = 0; pass < 3; pass++) {
		for (const struct candidate *c = all->one; c < all->one + all->n; c++) {
			const unsigned cover = bits(c->mask & *left);

			if (cover <= odd || c->rank < top)
				continue;
			if (pass == 0) {
				top = c->proven && c->rank > top ? c->rank : top;
			} else if (pass == 1) {
				most = cover > most ? cover : most;
			} else if (cover + cl_odd(most) >= most) {
				p->chosen[p->count++] = c;
				covered = (uint16_t)(covered | c->mask);
			}
		}
	}
	p->covers = *left & covered;
	*left = (uint16_t)(*left & ~covered);
	return p->count > 0;
}

static void append(struct cl_soft_verdict *v, const char *word, const char *text)
{
	const size_t at = strlen(v->name);

	snprintf(v->name + at, sizeof v->name - at, "%s%s", at > 0 ? word : "", text);
}

/* The form that most of some requests have; NULL: of too many forms to say. */
static const struct cl_soft_form *main_form(const struct ballot *b, uint16_t mask)
{
	unsigned best = 0;

	for (unsigned k = 1; k < CL_SOFT_SLOTS; k++)
		if (bits(in_slot(b, k) & mask) > bits(in_slot(b, best) & mask))
			best = k;
	return form_at(b, best);
}

static void signature(const struct ballot *b, uint16_t mask, char out[CL_SOFTSIGN_LEN])
{
	const struct cl_soft_form *form = main_form(b, mask);
	uint8_t seen[CL_XMT_SEEN_ROOM];

	out[0] = '\0';
	count_seen(b, mask, seen);
	if (form != NULL)
		cl_softsign_text(&form->sign, cl_xmt_vote(seen, bits(mask)), out);
}

static void name_unknown(const struct ballot *b, uint16_t left, struct cl_soft_verdict *v)
{
	char text[CL_SOFTSIGN_LEN], name[32];

	signature(b, left, text);
	snprintf(name, sizeof name, "unknown:%08x", cl_softsign_hash(text));
	append(v, " and ", text[0] != '\0' ? name : "unknown:various");
	v->unknown = true;
	v->confidence = CL_SIG_LOW;
}

static void name_program(const struct ballot *b, const struct program *p, struct cl_soft_verdict *v)
{
	const struct cl_signature *row = &b->s->sigs->row[p->chosen[0]->row];
	uint8_t confidence = row->confidence;

	for (unsigned i = 0; i < p->count; i++)
		append(v, i == 0 ? " and " : " or ", b->s->sigs->row[p->chosen[i]->row].name);
	if (p->count > 1 || !p->chosen[0]->proven)
		confidence = CL_SIG_LOW;
	else if (bits(p->chosen[0]->mask) == 1 && confidence > CL_SIG_LOW)
		confidence--;
	v->ambiguous = v->ambiguous || p->count > 1;
	v->kind = row->kind;
	v->versions = p->count == 1 && p->chosen[0]->versions ? row->versions : NULL;
	if (confidence < v->confidence)
		v->confidence = confidence;
}

static struct ballot ballot_of(const struct cl_software *s, const struct cl_soft_client *c, bool several)
{
	struct ballot b = { .s = s, .c = c, .n = cl_soft_voted(c), .several = several };

	if (c->requests <= CL_SOFT_VOTES && b.n > 0)
		b.first = (uint16_t)(1u << (b.n - 1));
	return b;
}

/* The programs that the requests are of, that with the most first. How many. */
static unsigned elect_all(const struct ballot *b, const struct candidates *all, uint16_t *left,
			  struct program programs[PROGRAMS_MAX])
{
	const unsigned odd = cl_odd(b->n);
	unsigned n = 0;

	/* none with more than odd ones: many programs with few requests each */
	while (bits(*left) > odd && n < PROGRAMS_MAX &&
	       (elect(all, odd, left, &programs[n]) || elect(all, 0, left, &programs[n]))) {
		for (unsigned i = n++; i > 0 && bits(programs[i].covers) > bits(programs[i - 1].covers);
		     i--) {
			const struct program swap = programs[i];

			programs[i] = programs[i - 1];
			programs[i - 1] = swap;
		}
	}
	return n;
}

void cl_soft_vote(const struct cl_software *s, const struct cl_soft_client *c, bool several,
		  struct cl_soft_verdict *v)
{
	const struct ballot b = ballot_of(s, c, several);
	struct program programs[PROGRAMS_MAX];
	struct candidates all;
	uint16_t left = (uint16_t)((1u << b.n) - 1);

	*v = (struct cl_soft_verdict){ .confidence = CL_SIG_HIGH, .kind = CL_SIG_CLIENT };
	nominate(&b, &all);
	const unsigned n = elect_all(&b, &all, &left, programs);
	for (unsigned i = 0; i < n; i++)
		name_program(&b, &programs[i], v);
	if (bits(left) > cl_odd(b.n))
		name_unknown(&b, left, v);
	if (n > 1 || (n > 0 && v->unknown)) {
		v->versions = NULL;
		v->kind = CL_SIG_CLIENT;
		if (v->confidence > CL_SIG_MEDIUM)
			v->confidence = CL_SIG_MEDIUM;
	}
}

void cl_soft_signature(const struct cl_software *s, const struct cl_soft_client *c, char out[CL_SOFTSIGN_LEN])
{
	const struct ballot b = ballot_of(s, c, false);

	signature(&b, (uint16_t)((1u << b.n) - 1), out);
}
