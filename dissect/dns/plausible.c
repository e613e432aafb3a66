/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/dns/plausible.h"

#include <stdbool.h>

#include "dissect/dns/name.h"

#define HEADER	   12u
#define QUESTION   5u  /* octets at least */
#define RECORD	   11u /* octets at least */
#define FLAG_QR	   0x8000u
#define FLAG_Z	   0x0040u
#define RCODE_MASK 0x000fu
#define OPCODES	   0x77u /* those assigned: 0, 1, 2, 4, 5, 6 (IANA, DNS OpCodes) */

/* The classes that are sent: IN, CH, HS, NONE, ANY. */
static bool is_class(uint16_t class)
{
	return class == 1 || class == 3 || class == 4 || class == 254 || class == 255;
}

/* Counts that fit the opcode, and have room within `length`. */
static bool plausible_header(struct cl_cur *c, uint32_t length, uint32_t *questions, uint32_t *records)
{
	cl_cur_skip(c, 2); /* ID */
	uint16_t flags = cl_cur_u16(c);
	unsigned opcode = flags >> 11 & 15;

	*questions = cl_cur_u16(c);
	*records = cl_cur_u16(c);
	*records += cl_cur_u16(c);
	*records += cl_cur_u16(c);
	if (opcode > 6 || (OPCODES >> opcode & 1u) == 0 || (flags & FLAG_Z) != 0)
		return false;
	if ((flags & FLAG_QR) == 0 && (flags & RCODE_MASK) != 0)
		return false;
	if (*questions > 1 || HEADER + QUESTION * *questions + (uint64_t)RECORD * *records > length)
		return false;
	return *questions + *records > 0 || length == HEADER || opcode == 6; /* DSO: RFC 8490 sec. 5.4 */
}

/* The first name is not compressed: there is nothing before it to point to. */
static bool plausible_question(struct cl_cur *c)
{
	struct cl_dns_name name;

	if (!cl_dns_name_read(c, &name))
		return false;
	uint16_t type = cl_cur_u16(c), class = cl_cur_u16(c);
	return c->err == CL_OK && type != 0 && is_class(class & 0x7fff);
}

static bool plausible_record(struct cl_cur *c)
{
	cl_dns_name_skip(c);
	uint16_t type = cl_cur_u16(c), class = cl_cur_u16(c);

	cl_cur_skip(c, 4); /* time to live */
	cl_cur_skip(c, cl_cur_u16(c));
	return c->err == CL_OK && type != 0 && (type == 41 || is_class(class & 0x7fff));
}

enum cl_plausible cl_dns_plausible(struct cl_cur c, uint32_t *length, uint32_t *budget)
{
	uint32_t questions, records, i;

	*length = cl_cur_u16(&c);
	if (c.err != CL_OK)
		return CL_PLAUSIBLE_SO_FAR;
	if (*length < HEADER)
		return CL_PLAUSIBLE_NOT;
	uint32_t here = cl_cur_kept(&c) < *length ? cl_cur_kept(&c) : *length;
	struct cl_cur m = cl_cur_make(c.base + c.pos, here, *length);
	bool fine = plausible_header(&m, *length, &questions, &records);
	if (m.err != CL_OK)
		return CL_PLAUSIBLE_SO_FAR;
	if (!fine)
		return CL_PLAUSIBLE_NOT;
	if (questions > 0)
		fine = plausible_question(&m);
	for (i = 0; i < records && fine && m.err == CL_OK && *budget > 0; i++, --*budget)
		fine = plausible_record(&m);
	if (m.err == CL_ETRUNC)
		return CL_PLAUSIBLE_SO_FAR;
	if (!fine && i <= 1) /* at the question or the first record */
		return CL_PLAUSIBLE_NOT;
	if (here < *length)
		return CL_PLAUSIBLE_SO_FAR;
	return fine && m.pos == *length ? CL_PLAUSIBLE_EXACT : CL_PLAUSIBLE_WHOLE;
}
