/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ANOMALY_H
#define CL_DISSECT_ANOMALY_H

enum cl_anomaly {
#define X(id, name, layer, reference, doc) CL_ANOM_##id,
#include "dissect/anomaly.def"
#undef X
	CL_ANOMALIES
};

struct cl_anomaly_desc {
	const char *name, *layer, *reference, *doc;
};

/* By enum cl_anomaly. */
extern const struct cl_anomaly_desc cl_anomalies[CL_ANOMALIES];

#endif
