/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_XML_H
#define CL_CLI_XML_H

#include <stdio.h>

/* Writes text for an element or a quoted attribute of XML and HTML: what neither allows, what a terminal
 * would obey, and what is not UTF-8, as U+FFFD. Failures show in ferror(out). */
void cl_xml_text(FILE *out, const char *s);

#endif
