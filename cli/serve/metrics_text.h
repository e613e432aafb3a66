/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_METRICS_TEXT_H
#define CL_CLI_METRICS_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Metrics as text, in the exposition formats of Prometheus (0.0.4) and OpenMetrics (1.0.0). Families are told
 * one after the other, their samples within; names are those of OpenMetrics, without "_total".
 */

enum cl_metric_type { CL_METRIC_COUNTER, CL_METRIC_GAUGE, CL_METRIC_HISTOGRAM, CL_METRIC_INFO };

struct cl_metrics {
	FILE *out;
	bool open;	  /* OpenMetrics */
	const char *name; /* of the family begun last */
	enum cl_metric_type type;
};

struct cl_metric_label {
	const char *name, *value; /* value: any text, escaped; NULL: the label is left out */
};

#define CL_METRIC_LABELS 4u

/* Begins a family. `unit` is NULL or what the name ends in. `help` is one line of plain text. */
void cl_metric_family(struct cl_metrics *m, const char *name, enum cl_metric_type type, const char *unit,
		      const char *help);

/* A sample of a counter, a gauge or an info, whose value is 1. `labels` ends with a name of NULL. */
void cl_metric_u64(struct cl_metrics *m, const struct cl_metric_label *labels, uint64_t v);
void cl_metric_seconds(struct cl_metrics *m, const struct cl_metric_label *labels, int64_t ns);

/* The samples of a histogram of durations: `count` running totals up to the bounds, then all. */
void cl_metric_histogram(struct cl_metrics *m, const struct cl_metric_label *labels, const int64_t *bound_ns,
			 const uint64_t *total, unsigned count, uint64_t n, uint64_t sum_ns);

/* Ends the text. */
void cl_metrics_end(struct cl_metrics *m);

#endif
