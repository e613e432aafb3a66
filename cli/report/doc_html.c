/* SPDX-License-Identifier: BSD-2-Clause */
/* A report as one page: no script, nothing to be loaded, for screens and paper. */
#include <stdlib.h>
#include <string.h>

#include "cli/report/doc_state.h"
#include "cli/write/xml.h"

static const char style[] =
	":root{--page:#fff;--ink:#1b1f24;--dim:#57606a;--rule:#d5dae0;--stripe:#f5f7f9;--link:#0b62c4;"
	"color-scheme:light dark}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--page:#14181d;--ink:#e6e9ed;--dim:#9aa4af;"
	"--rule:#323a43;--stripe:#1b2027;--link:#6cb2ff}}\n"
	"*{box-sizing:border-box}html{background:var(--page);color:var(--ink);"
	"font:16px/1.5 system-ui,sans-serif;-webkit-text-size-adjust:100%}"
	"body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:66rem}\n"
	"h1{font-size:1.8rem;line-height:1.2;margin:.5rem 0 .25rem}"
	"h2{font-size:1.35rem;margin:2.75rem 0 .75rem;padding-top:.6rem;border-top:1px solid var(--rule)}"
	"h3{font-size:1rem;margin:1.5rem 0 .4rem}p{margin:.6rem 0;max-width:46rem}"
	".below,.none{color:var(--dim)}a{color:var(--link)}\n"
	"nav ul{list-style:none;margin:1rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1rem}\n"
	".scroll{overflow-x:auto;margin:.4rem 0}table{border-collapse:collapse;font-size:.9rem;"
	"font-variant-numeric:tabular-nums}"
	"th,td{padding:.22rem .5rem;text-align:left;vertical-align:top;white-space:nowrap}"
	"th:first-child,td:first-child{padding-left:.3rem}"
	"thead th{border-bottom:1px solid var(--dim);font-weight:600}"
	"tbody tr:nth-child(even){background:var(--stripe)}"
	"td.n,th.n{text-align:right}td.t{white-space:normal;overflow-wrap:break-word}td.w{min-width:17rem}dt."
	"sub{padding-left:"
	"1rem}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.25rem;margin:.5rem 0;"
	"font-variant-numeric:tabular-nums}dt{color:var(--dim)}dd{margin:0}\n"
	"figure{margin:1.25rem 0 .4rem}figure "
	"svg.cl-plot{width:100%;max-width:52rem;margin:0}details{margin:.4rem 0 "
	"1rem}"
	"summary{cursor:pointer;color:var(--dim);font-size:.9rem}"
	"details .scroll{max-height:26rem;overflow-y:auto;border:1px solid var(--rule)}"
	"footer{margin-top:3rem;color:var(--dim);font-size:.85rem}\n"
	"@media (max-width:560px){body{padding:1rem .75rem 3rem}dl{grid-template-columns:1fr;gap:0}"
	"dd{margin:0 0 .5rem}dt.sub+dd{padding-left:1rem}h1{font-size:1.3rem}h2{font-size:1.15rem}}\n"
	"@media print{@page{margin:16mm 14mm}html{font-size:10.5pt}body{max-width:none;padding:0}nav,details{"
	"display:none}h2,h3{break-after:avoid}h2{margin-top:1.6rem}tr,figure,dl{break-inside:avoid}"
	"thead{display:table-header-group}.scroll{overflow:visible}th,td{padding:.12rem .45rem}"
	"figure svg.cl-plot{width:84%;margin:0}}\n";

static bool is_text(const struct cl_cell *c)
{
	return c->type == CL_COL_TEXT;
}

/* A value as people read it, with what it is exactly: a text is that already. */
static void put_value(FILE *out, const struct cl_cell *c)
{
	char shown[CL_TIME_STRLEN];

	if (c->null) {
		fputs("–", out);
	} else if (is_text(c)) {
		cl_xml_text(out, c->v.text);
	} else {
		cl_cell_show(c, shown);
		fputs("<data value=\"", out);
		cl_csv_cell(out, c, true);
		fputs("\">", out);
		cl_xml_text(out, shown);
		fputs("</data>", out);
	}
}

static void put_list(FILE *out, const struct cl_doc_table *t)
{
	fprintf(out, "<dl data-key=\"%s\">\n", t->key);
	for (size_t i = 0; i < t->cells; i++) {
		const char *label = t->label[i];

		fputs(label[0] == ' ' ? "<dt class=\"sub\">" : "<dt>", out);
		cl_xml_text(out, label + strspn(label, " "));
		fputs("</dt><dd data-key=\"", out);
		cl_xml_text(out, t->item[i]);
		fputs("\">", out);
		put_value(out, &t->cell[i]);
		fputs("</dd>\n", out);
	}
	fputs("</dl>\n", out);
}

/* Words that need some width, however narrow the page is. */
static bool is_sentence(const struct cl_cell *c)
{
	return is_text(c) && !c->null && strlen(c->v.text) > 30 && strchr(c->v.text, ' ') != NULL;
}

/* A date or a name in one word, which is not broken. */
static bool is_word(const struct cl_cell *c)
{
	return is_text(c) && (c->null || (strlen(c->v.text) <= 12 && strchr(c->v.text, ' ') == NULL));
}

static const char *class_of(enum cl_column_type type)
{
	return type == CL_COL_TEXT ? " class=\"t\"" : type == CL_COL_TIME ? "" : " class=\"n\"";
}

static void put_heads(FILE *out, const struct cl_doc_table *t, uint32_t visible)
{
	fputs("<thead><tr>", out);
	for (size_t i = 0; i < t->ncols; i++) {
		if ((visible >> i & 1) == 0)
			continue;
		fprintf(out, "<th scope=\"col\" data-key=\"%s\"%s>", t->cols[i].key,
			t->cols[i].type == CL_COL_TEXT ? "" : class_of(t->cols[i].type));
		cl_xml_text(out, t->cols[i].title);
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n", out);
}

static void put_rows(FILE *out, const struct cl_doc_table *t)
{
	uint32_t visible = cl_doc_visible(t);

	fprintf(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
	cl_xml_text(out, t->title);
	fprintf(out, "\"><table data-key=\"%s\">\n", t->key);
	put_heads(out, t, visible);
	fputs("<tbody>\n", out);
	for (size_t i = 0; i < t->cells; i++) {
		const struct cl_cell *c = &t->cell[i];

		if (i % t->ncols == 0)
			fputs("<tr>", out);
		if ((visible >> i % t->ncols & 1) != 0) {
			fprintf(out, "<td%s>",
				is_sentence(c) ? " class=\"t w\""
				: is_word(c)   ? ""
					       : class_of(c->type));
			put_value(out, c);
			fputs("</td>", out);
		}
		if (i % t->ncols == t->ncols - 1)
			fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
}

static void put_table(FILE *out, const struct cl_doc_table *t)
{
	if (t->cells == 0 && t->empty == NULL)
		return;
	if (t->place == CL_DOC_FOLDED) {
		if (t->cells == 0)
			return;
		fputs("<details><summary>", out);
		cl_xml_text(out, t->title);
		fputs("</summary>\n", out);
		put_rows(out, t);
		fputs("</details>\n", out);
		return;
	}
	fputs("<h3>", out);
	cl_xml_text(out, t->title);
	fputs("</h3>\n", out);
	if (t->cells == 0) {
		fputs("<p class=\"none\">", out);
		cl_xml_text(out, t->empty);
		fputs("</p>\n", out);
	} else if (t->cols == NULL) {
		put_list(out, t);
	} else {
		put_rows(out, t);
	}
}

static bool put_plot(FILE *out, const struct cl_doc_plot *p)
{
	struct doc_drawn *d = malloc(sizeof *d);
	bool ok = true;

	if (d == NULL)
		return false;
	if (cl_doc_draw(p, d)) {
		struct cl_svg *svg = cl_svg_new(p->of.title);

		if (svg != NULL) {
			fputs("<figure>\n", out);
			cl_svg_add(svg, &d->plot);
			ok = cl_svg_write(svg, out, CL_SVG_INLINE);
			fputs("</figure>\n", out);
		}
		ok = ok && svg != NULL;
		cl_svg_free(svg);
	}
	free(d);
	return ok;
}

static bool put_chapter(FILE *out, const struct doc_chapter *c)
{
	bool ok = true;

	fprintf(out, "<section id=\"%s\">\n<h2>", c->key);
	cl_xml_text(out, c->title);
	fputs("</h2>\n", out);
	for (size_t i = 0; ok && i < c->blocks; i++) {
		const struct doc_block *b = &c->block[i];

		if (b->kind == DOC_PLOT) {
			ok = put_plot(out, b->plot);
		} else if (b->kind == DOC_TABLE) {
			put_table(out, b->table);
		} else {
			fputs("<p>", out);
			cl_xml_text(out, b->words);
			fputs("</p>\n", out);
		}
	}
	fputs("</section>\n", out);
	return ok;
}

static void put_head(FILE *out, const struct cl_doc *d)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n"
	      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	      "'unsafe-inline'; img-src data:\"/>\n"
	      "<link rel=\"icon\" href=\"data:,\"/>\n<title>",
	      out);
	cl_xml_text(out, d->title);
	fputs("</title>\n<style>\n", out);
	fputs(style, out);
	cl_svg_style(out);
	fputs("</style>\n</head>\n<body>\n<header>\n<h1>", out);
	cl_xml_text(out, d->title);
	fputs("</h1>\n<p class=\"below\">", out);
	cl_xml_text(out, d->below);
	fputs("</p>\n</header>\n<nav aria-label=\"Chapters\"><ul>\n", out);
	for (size_t i = 0; i < d->chapters; i++) {
		fprintf(out, "<li><a href=\"#%s\">", d->chapter[i].key);
		cl_xml_text(out, d->chapter[i].title);
		fputs("</a></li>\n", out);
	}
	fputs("</ul></nav>\n<main>\n", out);
}

bool cl_doc_write_html(const struct cl_doc *d, FILE *out)
{
	bool ok = true;

	put_head(out, d);
	for (size_t i = 0; ok && i < d->chapters; i++)
		ok = put_chapter(out, &d->chapter[i]);
	fprintf(out, "</main>\n<footer>Made by clientele %s. All times are UTC.</footer>\n</body>\n</html>\n",
		PACKAGE_VERSION);
	return ok;
}
