/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/serve/metrics_text.h"

#include <inttypes.h>
#include <string.h>

#include "cli/write/text.h"
#include "cli/write/timefmt.h"

static const char *const type_names[] = { "counter", "gauge", "histogram", "info" };

void cl_metric_family(struct cl_metrics *m, const char *name, enum cl_metric_type type, const char *unit,
		      const char *help)
{
	const char *ending = m->open			 ? ""
			     : type == CL_METRIC_COUNTER ? "_total"
			     : type == CL_METRIC_INFO	 ? "_info"
							 : "";
	const char *kind = !m->open && type == CL_METRIC_INFO ? "gauge" : type_names[type];

	m->name = name;
	m->type = type;
	fprintf(m->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, ending, help, name, ending, kind);
	if (m->open && unit != NULL)
		fprintf(m->out, "# UNIT %s %s\n", name, unit);
}

/* A label's value: what is not UTF-8, or what a terminal would obey, as U+FFFD, and the three octets that
 * both formats escape. */
static void put_value(FILE *out, const char *s)
{
	size_t left = strlen(s);

	while (left > 0) {
		uint32_t rune;
		size_t n = cl_text_rune(s, left, &rune);

		if (n > 0 && rune == '\n')
			fputs("\\n", out);
		else if (n == 0 || cl_text_unsafe(rune))
			fputs("\xef\xbf\xbd", out);
		else if (rune == '"' || rune == '\\')
			fprintf(out, "\\%c", (int)rune);
		else
			fwrite(s, 1, n, out);
		s += n > 0 ? n : 1;
		left -= n > 0 ? n : 1;
	}
}

/* Name and labels; `le` is a label of its own behind them, or NULL. */
static void put_sample(struct cl_metrics *m, const char *ending, const struct cl_metric_label *labels,
		       const char *le)
{
	const char *between = "{";

	fprintf(m->out, "%s%s", m->name, ending);
	for (; labels->name != NULL; labels++) {
		if (labels->value == NULL)
			continue;
		fprintf(m->out, "%s%s=\"", between, labels->name);
		put_value(m->out, labels->value);
		fputc('"', m->out);
		between = ",";
	}
	if (le != NULL) {
		fprintf(m->out, "%sle=\"%s\"", between, le);
		between = ",";
	}
	fputs(between[0] == ',' ? "} " : " ", m->out);
}

static const char *ending_of(const struct cl_metrics *m)
{
	return m->type == CL_METRIC_COUNTER ? "_total" : m->type == CL_METRIC_INFO ? "_info" : "";
}

void cl_metric_u64(struct cl_metrics *m, const struct cl_metric_label *labels, uint64_t v)
{
	put_sample(m, ending_of(m), labels, NULL);
	fprintf(m->out, "%" PRIu64 "\n", v);
}

void cl_metric_seconds(struct cl_metrics *m, const struct cl_metric_label *labels, int64_t ns)
{
	char text[CL_TIME_STRLEN];

	cl_seconds_format(text, ns);
	put_sample(m, ending_of(m), labels, NULL);
	fprintf(m->out, "%s\n", text);
}

void cl_metric_histogram(struct cl_metrics *m, const struct cl_metric_label *labels, const int64_t *bound_ns,
			 const uint64_t *total, unsigned count, uint64_t n, uint64_t sum_ns)
{
	char text[CL_TIME_STRLEN];

	for (unsigned i = 0; i < count; i++) {
		size_t len = cl_seconds_format(text, bound_ns[i]);

		/* OpenMetrics writes whole bounds as "1.0"; the text format takes that too */
		if (strchr(text, '.') == NULL && len + 3 <= sizeof text)
			memcpy(text + len, ".0", sizeof ".0");
		put_sample(m, "_bucket", labels, text);
		fprintf(m->out, "%" PRIu64 "\n", total[i]);
	}
	put_sample(m, "_bucket", labels, "+Inf");
	fprintf(m->out, "%" PRIu64 "\n", n);
	cl_seconds_format(text, (int64_t)(sum_ns > INT64_MAX ? INT64_MAX : sum_ns));
	put_sample(m, "_sum", labels, NULL);
	fprintf(m->out, "%s\n", text);
	put_sample(m, "_count", labels, NULL);
	fprintf(m->out, "%" PRIu64 "\n", n);
}

void cl_metrics_end(struct cl_metrics *m)
{
	if (m->open)
		fputs("# EOF\n", m->out);
}
