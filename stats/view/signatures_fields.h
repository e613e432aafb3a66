/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SIGNATURES_FIELDS_H
#define CL_STATS_SIGNATURES_FIELDS_H

/* What a row of signatures may test (docs/signatures.md): the names are its words, in this order. */
enum cl_sig_field {
	CL_SIG_LI,
	CL_SIG_VN,
	CL_SIG_MODE,
	CL_SIG_STRATUM,
	CL_SIG_POLL,
	CL_SIG_PRECISION,
	CL_SIG_ROOTDELAY,
	CL_SIG_ROOTDISP,
	CL_SIG_REFID,
	CL_SIG_REF,
	CL_SIG_ORG,
	CL_SIG_REC,
	CL_SIG_XMT,
	CL_SIG_KEYID,
	CL_SIG_MAC,
	CL_SIG_AUTH,
	CL_SIG_OPCODE,
	CL_SIG_IMPLEMENTATION,
	CL_SIG_ASSOCIATION,
	CL_SIG_NAMED, /* so many have a name in the column of the header; the others have columns */
	CL_SIG_PORT = CL_SIG_NAMED,
	CL_SIG_TOS,
	CL_SIG_LENGTH,
	CL_SIG_FAMILY,
	CL_SIG_FIELDS
};

#endif
