/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of the last day: what was asked for, and the words around its figures. */
#include "cli/serve/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/serve/page_sections.h"
#include "cli/view/view.h"
#include "cli/write/timefmt.h"
#include "cli/write/xml.h"

#define NS_PER_S INT64_C(1000000000)
#define DAY_S	 INT64_C(86400)

/* Servers in the list. */
#define SERVERS_MAX 30

/* Words ----------------------------------------------------------------------------------- */

static void put_span(struct cl_page *p, const char *label, int64_t ns)
{
	char text[CL_TIME_STRLEN];

	cl_time_format(text, ns, 0);
	fprintf(p->out, "%s<time datetime=\"%s\">%.10s %.8s</time>", label, text, text, text + 11);
}

/* A link to this page with what is chosen, and `day` or `server` otherwise; server "": all. */
static void put_link(struct cl_page *p, bool with_day, int64_t day, const char *server, bool refresh)
{
	char text[CL_TIME_STRLEN], addr[CL_ADDR_STRLEN] = "";
	const char *between = "?";

	if (server == NULL && p->by_server) {
		cl_addr_format(&p->server, addr);
		server = addr;
	}
	fputs("<a href=\"/", p->out);
	if (with_day) {
		cl_time_format(text, day * DAY_S * NS_PER_S, 0);
		fprintf(p->out, "?day=%.10s", text);
		between = "&amp;";
	}
	if (server != NULL && server[0] != '\0') {
		fprintf(p->out, "%sserver=%s", between, server); /* an address needs no escape */
		between = "&amp;";
	}
	if (!refresh)
		fprintf(p->out, "%srefresh=off", between);
	fputs("\">", p->out);
}

static void put_days(struct cl_page *p)
{
	int64_t first = p->r.first_ns / NS_PER_S / DAY_S, last = p->r.last_ns / NS_PER_S / DAY_S,
		day = p->chosen ? p->day : last + 1;
	char text[CL_TIME_STRLEN];

	fputs("<p class=\"links\">", p->out);
	for (int side = -1; side <= 1; side += 2) {
		int64_t to = day + side;

		if (to < first || to > last)
			continue;
		cl_time_format(text, to * DAY_S * NS_PER_S, 0);
		put_link(p, true, to, NULL, p->refresh);
		fprintf(p->out, "%s %.10s</a> ",
			!p->chosen ? "The day"
			: side < 0 ? "Day before:"
				   : "Day after:",
			text);
	}
	if (p->chosen) {
		put_link(p, false, 0, NULL, p->refresh);
		fputs("The last 24 hours</a> ", p->out);
	}
	put_link(p, p->chosen, p->day, NULL, !p->refresh);
	fputs(p->refresh ? "Stop refreshing</a>" : "Refresh by itself</a>", p->out);
	fputs("</p>\n", p->out);
}

static void put_server(struct cl_page *p, const struct cl_addr *a)
{
	char text[CL_ADDR_STRLEN];
	const char *name = cl_names_find(p->names, a);
	bool here = p->by_server && cl_addr_cmp(a, &p->server) == 0;

	cl_addr_format(a, text);
	fputs("<li>", p->out);
	if (here)
		fputs("<strong>", p->out);
	else
		put_link(p, p->chosen, p->day, text, p->refresh);
	cl_xml_text(p->out, name != NULL ? name : text);
	fputs(here ? "</strong></li>\n" : "</a></li>\n", p->out);
}

/* The servers that answered most on the last day. */
static void put_servers(struct cl_page *p)
{
	struct cl_query *q = cl_query_new(
		p->r.store, "SELECT addr, sum(requests) AS n FROM source CROSS JOIN day ON "
			    "day.source_id = source.source_id AND day.day = ?2 JOIN service "
			    "USING(service_id) WHERE kind = 'server' GROUP BY addr ORDER BY n DESC, "
			    "addr LIMIT ?3");
	struct cl_addr a;

	cl_query_bind_i64(q, 2, p->chosen ? p->day : p->r.last_ns / NS_PER_S / DAY_S);
	cl_query_bind_i64(q, 3, SERVERS_MAX);
	fputs("<nav aria-label=\"Servers\"><ul class=\"servers\"><li>", p->out);
	if (p->by_server)
		put_link(p, p->chosen, p->day, "", p->refresh);
	else
		fputs("<strong>", p->out);
	fputs(p->by_server ? "All servers</a></li>\n" : "All servers</strong></li>\n", p->out);
	while (cl_query_row(q))
		if (cl_query_addr(q, 0, &a))
			put_server(p, &a);
	cl_query_free(q);
	fputs("</ul></nav>\n", p->out);
}

static void put_sensors(struct cl_page *p)
{
	struct cl_query *q =
		cl_query_new(p->r.store, "SELECT sensor FROM source ORDER BY source_id LIMIT 20");
	int n = 0;

	fputs("<p>Sensor ", p->out);
	while (cl_query_row(q)) {
		fputs(n++ > 0 ? ", " : "", p->out);
		cl_xml_text(p->out, cl_query_word(q, 0));
	}
	cl_query_free(q);
	if (p->r.any) {
		put_span(p, ". Captured from ", p->r.first_ns);
		put_span(p, " to ", p->r.last_ns);
		fputs(" UTC", p->out);
	}
	fputs(". All times are UTC.</p>\n", p->out);
}

static void put_notes(struct cl_page *p)
{
	fputs("<footer><p>A value is of the step that ends at its time. A client is the source address of a "
	      "request; unique clients are those in the time that ends with the step, and fewer than there "
	      "were where that begins before the capture. Delta is the time between request and answer where "
	      "they were captured. ",
	      p->out);
	if (!p->r.ledger)
		fputs("This database does not say what interfaces lost. ", p->out);
	fputs("More of it: <a href=\"/api/\">JSON of every view</a>, <a href=\"/metrics\">metrics</a>. "
	      "clientele " PACKAGE_VERSION "</p></footer>\n",
	      p->out);
}

static void put_head(struct cl_page *p)
{
	int64_t every = p->r.step_s < 10 ? 10 : p->r.step_s > 60 ? 60 : p->r.step_s;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
	      "name=\"viewport\" "
	      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
	      "dark\">\n",
	      p->out);
	if (p->refresh)
		fprintf(p->out, "<meta http-equiv=\"refresh\" content=\"%" PRId64 "\">\n", every);
	fputs("<title>clientele: the last day</title>\n<link rel=\"icon\" href=\"/icon.svg\">\n<link "
	      "rel=\"stylesheet\" href=\"/page.css\">\n</head>\n<body>\n<header><h1>",
	      p->out);
	if (p->chosen) {
		char text[CL_TIME_STRLEN];

		cl_time_format(text, p->day * DAY_S * NS_PER_S, 0);
		fprintf(p->out, "%.10s", text);
	} else {
		fputs("The last 24 hours", p->out);
	}
	if (p->by_server) {
		char text[CL_ADDR_STRLEN];
		const char *name = cl_names_find(p->names, &p->server);

		cl_addr_format(&p->server, text);
		fputs(" of ", p->out);
		cl_xml_text(p->out, name != NULL ? name : text);
	}
	fputs("</h1>\n", p->out);
}

static bool put_all(struct cl_page *p)
{
	bool ok = true;

	put_head(p);
	put_sensors(p);
	if (p->r.any) {
		put_days(p);
		put_servers(p);
	}
	fputs("</header>\n<main>\n", p->out);
	if (p->r.n == 0)
		fputs("<p>No step is over in this time: there is nothing to draw yet.</p>\n", p->out);
	else
		cl_page_now(p);
	if (p->r.n > 0)
		ok = cl_page_sections(p);
	fputs("</main>\n", p->out);
	put_notes(p);
	fputs("</body>\n</html>\n", p->out);
	return ok;
}

/* What was asked for ------------------------------------------------------------------------- */

static int wrong(const char *name, const char *needs)
{
	cl_error(name, "%s", needs);
	return CL_EXIT_ASKED;
}

static int take_parameters(struct cl_page *p, const struct cl_reply *a)
{
	int64_t ns;

	for (size_t i = 0; i < a->parameters; i++) {
		const char *name = a->parameter[i].name, *value = a->parameter[i].value;

		if (strcmp(name, "day") == 0) {
			if (strlen(value) != 10 || !cl_time_parse(value, &ns) || ns < 0)
				return wrong(name, "needs a day such as 2026-11-23");
			p->day = ns / NS_PER_S / DAY_S;
			p->chosen = true;
		} else if (strcmp(name, "server") == 0) {
			if (!cl_addr_parse(value, &p->server))
				return wrong(name, "needs an address");
			p->by_server = true;
		} else if (strcmp(name, "refresh") == 0) {
			p->refresh = strcmp(value, "off") != 0;
		} else {
			return wrong(name, "is no parameter here: day, server and refresh are");
		}
	}
	return CL_EXIT_OK;
}

static int write_page(struct cl_page *p)
{
	int64_t to_t = p->chosen ? (p->day + 1) * DAY_S : cl_recent_last(&p->r);
	bool ok = cl_recent_read(&p->r, to_t - DAY_S, to_t) && put_all(p);

	if (ok && cl_store_error(p->r.store) == NULL)
		return CL_EXIT_OK;
	if (cl_store_error(p->r.store) != NULL)
		cl_error(p->o->inputs[0], "%s", cl_store_error(p->r.store));
	else
		cl_error("memory", "not enough for the page");
	return CL_EXIT_FAILED;
}

int cl_page_write(FILE *out, const struct cl_reply *a, const struct cl_options *o)
{
	struct cl_page p = { .out = out, .o = o, .refresh = true };
	char err[CL_STORE_ERRLEN];
	int status = take_parameters(&p, a);

	if (status != CL_EXIT_OK)
		return status;
	if (o->names != NULL && (p.names = cl_names_load(o->names)) == NULL)
		return CL_EXIT_FAILED;
	p.points = malloc(sizeof *p.points);
	status = CL_EXIT_FAILED;
	if (p.points == NULL)
		cl_error("memory", "not enough for the page");
	else if (!cl_recent_open(&p.r, o->inputs[0], p.by_server ? &p.server : NULL, err))
		cl_error(o->inputs[0], "%s", err);
	else
		status = write_page(&p);
	cl_recent_close(&p.r);
	cl_names_free(p.names);
	free(p.points);
	return status;
}
