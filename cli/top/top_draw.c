/* SPDX-License-Identifier: BSD-2-Clause */
/* top: the screen as lines of text. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/top/screen.h"
#include "cli/top/top.h"
#include "cli/write/text.h"
#include "cli/write/timefmt.h"

#define NS_PER_S INT64_C(1000000000)

/* Columns of an address or a name. */
#define NAME 39
#define TAIL 10 /* of one that is cut */

static const char *const protos[CL_RECENT_PROTOS] = { "NTP", "DNS" };

struct drawing {
	FILE *out;
	const struct cl_top *t;
	const struct cl_top_form *form;
	unsigned lines; /* written */
};

static void end_line(struct drawing *d)
{
	fputc('\n', d->out);
	d->lines++;
}

/* A heading, bold where colours are. */
static void heading(struct drawing *d, const char *words)
{
	fprintf(d->out, d->form->color ? "\033[1m%s\033[0m" : "%s", words);
	end_line(d);
}

/* Text that may hold anything, cut and filled to `width` columns, with no octet that a terminal obeys. */
static void put_name(struct drawing *d, const char *name, unsigned width)
{
	char cut[257], safe[CL_TEXT_GROWTH * sizeof cut + 1];

	snprintf(cut, sizeof cut, "%s", name);
	size_t n = cl_text_escape(safe, cut, strlen(cut), NULL);
	unsigned shown = cl_screen_cut(d->out, safe, n, width);
	fprintf(d->out, "%*s", (int)(width - shown), "");
}

static void put_address(struct drawing *d, const struct cl_addr *a, unsigned width)
{
	char text[CL_ADDR_STRLEN];
	const char *name = cl_names_find(d->t->names, a);

	if (name == NULL) {
		cl_addr_format(a, text);
		name = text;
		if (strlen(text) > width && width > TAIL + 4) { /* both ends tell addresses apart */
			char cut[CL_ADDR_STRLEN];

			snprintf(cut, sizeof cut, "%.*s..%s", (int)(width - TAIL - 2), text,
				 text + strlen(text) - TAIL);
			put_name(d, cut, width);
			return;
		}
	}
	put_name(d, name, width);
}

/* Right-aligned, "-" for what is not known ------------------------------------------ */

static void put_rate(struct drawing *d, double v, int width)
{
	if (!isfinite(v))
		fprintf(d->out, "%*s", width, "-");
	else if (v >= 99950)
		fprintf(d->out, "%*.3gk", width - 1, v / 1000);
	else
		fprintf(d->out, "%*.*f", width, v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v);
}

static void put_share(struct drawing *d, uint64_t part, uint64_t of, int width)
{
	if (of == 0)
		fprintf(d->out, "%*s", width, "-");
	else
		fprintf(d->out, "%*.1f %%", width - 2, 100 * (double)part / (double)of);
}

static void put_duration(struct drawing *d, bool known, int64_t ns, int width)
{
	char text[CL_TIME_STRLEN] = "-";

	if (known)
		cl_duration_format(text, ns);
	fprintf(d->out, "%*s", width, text);
}

static void put_count(struct drawing *d, bool known, uint64_t n, int width)
{
	if (known)
		fprintf(d->out, "%*" PRIu64, width, n);
	else
		fprintf(d->out, "%*s", width, "-");
}

/* Parts -------------------------------------------------------------------------------- */

static void draw_title(struct drawing *d)
{
	char at[CL_TIME_STRLEN] = "nothing captured yet";
	const char *slash = strrchr(d->t->path, '/'), *file = slash != NULL ? slash + 1 : d->t->path;

	if (d->t->title != NULL)
		file = d->t->title;

	if (d->t->r.any)
		cl_time_format(at, d->t->r.last_ns, 0);
	fputs(d->form->color ? "\033[1mclientele top\033[0m  " : "clientele top  ", d->out);
	put_name(d, file, d->form->columns > 60 ? d->form->columns - 60 : 8);
	if (d->t->r.any)
		fprintf(d->out, "  last packet %.10s %.8s UTC", at, at + 11);
	else
		fprintf(d->out, "  %s", at);
	fputs(d->t->paused ? "  paused" : "", d->out);
	end_line(d);
}

static void draw_error(struct drawing *d)
{
	if (d->t->error[0] == '\0')
		return;
	fputs(d->form->color ? "\033[1;31m" : "", d->out);
	put_name(d, d->t->error, d->form->columns);
	fputs(d->form->color ? "\033[0m" : "", d->out);
	end_line(d);
}

/* Packets lost in the last hour, as interfaces say; of a database that has no ledger, all that files say. */
static void draw_losses(struct drawing *d)
{
	const struct cl_recent *r = &d->t->r;
	uint64_t received = r->now.received, lost = r->now.lost;

	fputs("Sensor ", d->out);
	put_name(d, d->t->sensor, (unsigned)(strlen(d->t->sensor) < 24 ? strlen(d->t->sensor) : 24));
	fprintf(d->out, ", steps of %" PRId64 " s. ", r->step_s);
	if (!r->ledger) {
		fputs("Losses of interfaces: not known.", d->out);
	} else {
		for (size_t i = 0; i < r->n; i++) {
			received += r->step[i].received;
			lost += r->step[i].lost;
		}
		fputs(lost > 0 && d->form->color ? "\033[1;31m" : "", d->out);
		fprintf(d->out, "Last hour: %" PRIu64 " packets, %" PRIu64 " lost.", received, lost);
		fputs(lost > 0 && d->form->color ? "\033[0m" : "", d->out);
	}
	end_line(d);
}

static const char *window_head(const struct cl_recent *r, uint32_t w, char text[32])
{
	int64_t s = w < r->config.engine.windows ? r->config.engine.window_ns[w] / NS_PER_S : 0;

	if (s == 0)
		snprintf(text, 32, "-");
	else if (s % 60 == 0)
		snprintf(text, 32, "in %" PRId64 " min", s / 60);
	else
		snprintf(text, 32, "in %" PRId64 " s", s);
	return text;
}

/* The last step that is over; while there is none, the first as far as it is captured. */
static const struct cl_recent_step *last_step(const struct cl_recent *r, double *seconds)
{
	bool over = r->n > 0;

	*seconds = over ? (double)r->step_s : r->now_s;
	return over ? &r->step[r->n - 1] : &r->now;
}

static void draw_now(struct drawing *d)
{
	const struct cl_recent *r = &d->t->r;
	char w0[32], w1[32], line[256];
	double seconds;
	const struct cl_recent_step *s = last_step(r, &seconds);

	snprintf(line, sizeof line, "%-4s%9s%9s%10s%10s%11s%9s%9s%6s", "", "now/s", "step/s", "answered",
		 window_head(r, 0, w0), window_head(r, 1, w1), "p50", "p99", "ICMP");
	heading(d, line);
	for (int p = 0; p < CL_RECENT_PROTOS; p++) {
		const struct cl_recent_counts *c = &s->of[p];
		double now = d->t->rate[p];

		if (!r->has[p])
			continue;
		if (!isfinite(now) && r->now_s > 0)
			now = (double)r->now.of[p].requests / r->now_s;
		fprintf(d->out, "%-4s", protos[p]);
		put_rate(d, now, 9);
		put_rate(d, seconds > 0 ? (double)c->requests / seconds : NAN, 9);
		put_share(d, c->matched, c->requests, 10);
		put_count(d, r->config.engine.windows > 0 && c->known[0], c->unique[0], 10);
		put_count(d, r->config.engine.windows > 1 && c->known[1], c->unique[1], 11);
		put_duration(d, c->delta_n > 0, c->p50_ns, 9);
		put_duration(d, c->delta_n > 0, c->p99_ns, 9);
		put_count(d, true, c->icmp_errors, 6);
		end_line(d);
	}
}

/* A step's height, in eighths of a line; in plain ASCII, in fewer signs. */
static void put_bar(struct drawing *d, double v, double most)
{
	static const char *const bars[] = { " ",      "\u2581", "\u2582", "\u2583", "\u2584",
					    "\u2585", "\u2586", "\u2587", "\u2588" };
	static const char plain[] = " ._-~=+*#";
	unsigned k = most > 0 && v > 0 ? (unsigned)ceil(8 * v / most) : 0;

	k = k > 8 ? 8 : k;
	if (d->form->utf8)
		fputs(bars[k], d->out);
	else
		fputc(plain[k], d->out);
}

static void draw_hour(struct drawing *d)
{
	const struct cl_recent *r = &d->t->r;
	unsigned room = d->form->columns > 40 ? d->form->columns - 40 : 1;
	size_t first = r->n > room ? r->n - room : 0;
	unsigned each = r->n - first > 0 ? (unsigned)(room / (r->n - first)) : 1;

	each = each > 3 ? 3 : each < 1 ? 1 : each;
	for (int p = 0; p < CL_RECENT_PROTOS; p++) {
		uint64_t most = 0;

		if (!r->has[p] || r->n == first)
			continue;
		for (size_t i = first; i < r->n; i++)
			most = r->step[i].of[p].requests > most ? r->step[i].of[p].requests : most;
		fprintf(d->out, "%s, last %" PRId64 " min  ", protos[p],
			(int64_t)(r->n - first) * r->step_s / 60);
		for (size_t i = first; i < r->n; i++)
			for (unsigned k = 0; k < each; k++)
				put_bar(d, (double)r->step[i].of[p].requests, (double)most);
		fputs("  most ", d->out);
		put_rate(d, (double)most / (double)r->step_s, 0);
		fputs("/s", d->out);
		end_line(d);
	}
}

static unsigned name_width(const struct drawing *d, unsigned beside)
{
	unsigned columns = d->form->columns;

	if (columns < beside + 8)
		return 8;
	return columns - beside > NAME ? NAME : columns - beside;
}

static void draw_servers(struct drawing *d, unsigned rows)
{
	const struct cl_recent *r = &d->t->r;
	char line[256], window[32];
	unsigned width = name_width(d, 55);
	double seconds;

	(void)last_step(r, &seconds);
	snprintf(line, sizeof line, "%-4s %-*s%9s%10s%10s%9s%9s", "", (int)width, "Server", "step/s",
		 "answered", window_head(r, 0, window), "p50", "p99");
	end_line(d);
	heading(d, line);
	for (unsigned i = 0; i < rows && i < d->t->servers; i++) {
		const struct cl_top_server *s = &d->t->server[i];

		fprintf(d->out, "%-4s ", protos[s->proto]);
		put_address(d, &s->addr, width);
		put_rate(d, seconds > 0 ? (double)s->requests / seconds : NAN, 9);
		put_share(d, s->matched, s->requests, 10);
		put_count(d, r->config.engine.windows > 0, s->clients, 10);
		put_duration(d, s->delta_n > 0, s->p50_ns, 9);
		put_duration(d, s->delta_n > 0, s->p99_ns, 9);
		end_line(d);
	}
}

static void draw_talkers(struct drawing *d, unsigned rows)
{
	char line[256];
	unsigned width = name_width(d, 40);

	snprintf(line, sizeof line, "%-4s %-*s%12s%9s  %s", "", (int)width, "Client, this day", "requests",
		 "share", d->t->labels != NULL ? "label" : "");
	end_line(d);
	heading(d, line);
	if (d->t->too_many) {
		fputs("More than 3 million clients: 'clientele clients' lists those that ask most.", d->out);
		end_line(d);
		return;
	}
	for (unsigned i = 0; i < rows && i < d->t->talkers; i++) {
		const struct cl_top_talker *c = &d->t->talker[i];
		const char *label = d->t->labels != NULL ? cl_labels_find(d->t->labels, &c->addr) : NULL;

		fprintf(d->out, "%-4s ", protos[c->proto]);
		put_address(d, &c->addr, width);
		put_count(d, true, c->requests, 12);
		put_share(d, c->requests, d->t->day_requests[c->proto], 9);
		fputs("  ", d->out);
		if (label != NULL)
			put_name(d, label, 12);
		end_line(d);
	}
}

/* Lines are shared out: headings first, then as many servers as there are, at most half of what is left. */
void cl_top_draw(FILE *out, const struct cl_top *t, const struct cl_top_form *form)
{
	struct drawing d = { .out = out, .t = t, .form = form };
	unsigned rest, servers, talkers;

	draw_title(&d);
	draw_error(&d);
	if (!t->read || !t->r.any)
		return;
	draw_losses(&d);
	end_line(&d);
	draw_now(&d);
	end_line(&d);
	draw_hour(&d);
	servers = t->servers < form->rows ? (unsigned)t->servers : form->rows;
	talkers = t->talkers < form->rows ? (unsigned)t->talkers : form->rows;
	if (form->lines > 0) {
		unsigned used = d.lines + 4 + form->keys * 2;

		rest = form->lines > used ? form->lines - used : 0;
		if (servers + talkers > rest) {
			servers = servers < (rest + 1) / 2 ? servers
				  : talkers < rest / 2	   ? rest - talkers
							   : (rest + 1) / 2;
			talkers = rest - servers < talkers ? rest - servers : talkers;
		}
	}
	if (form->lines == 0 || form->lines > d.lines + 4)
		draw_servers(&d, servers);
	if (form->lines == 0 || form->lines > d.lines + 4)
		draw_talkers(&d, talkers);
	if (!form->keys)
		return;
	while (d.lines + 1 < form->lines)
		end_line(&d);
	fputs(form->color ? "\033[2m" : "", out);
	fputs("q quit  space pause  r read now.  Step: the last that is over. Times are UTC.", out);
	fputs(form->color ? "\033[0m" : "", out);
}
