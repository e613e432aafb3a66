/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/anomaly.h"

const struct cl_anomaly_desc cl_anomalies[CL_ANOMALIES] = {
#define X(id, name, layer, reference, doc) { name, layer, reference, doc },
#include "dissect/anomaly.def"
#undef X
};
