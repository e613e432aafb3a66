/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that `clientele capture` alone has. */
#include "cli/live/capture_options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/options_rows.h"

#define COMMIT_MAX_S   3600u
#define SNAPLEN_MAX    262144u
#define RATE_MAX       100000000u
#define DAYS_MAX       36600u
#define MONTHS_MAX     1200u
#define BUFFER_LEAST   ((uint64_t)64 << 10)
#define BUFFER_MOST    ((uint64_t)2047 << 20) /* libpcap counts them in an int */
#define INTERFACE_SIZE 128u

static const char no_memory[] = "needs more memory than there is";

/* The text's next item into `item`; `*list` moves on to the one after it, or to NULL. False: too long. */
static bool next_item(const char **list, char *item, size_t size)
{
	size_t len = strcspn(*list, ",");

	if (len >= size)
		return false;
	memcpy(item, *list, len);
	item[len] = '\0';
	*list = (*list)[len] == ',' ? *list + len + 1 : NULL;
	return true;
}

static bool has_interface(const struct cl_capture_options *c, const char *name)
{
	for (size_t i = 0; i < c->ninterfaces; i++)
		if (strcmp(c->interfaces[i], name) == 0)
			return true;
	return false;
}

static const char *set_interface(void *kept, const char *value)
{
	struct cl_capture_options *c = kept;

	while (value != NULL) {
		char item[INTERFACE_SIZE];

		if (!next_item(&value, item, sizeof item) || item[0] == '\0')
			return "needs names of interfaces, such as eth0,eth1 (--interfaces lists them)";
		if (has_interface(c, item))
			continue;
		if (c->ninterfaces == CL_CAPTURE_INTERFACES_MAX)
			return "needs at most 16 interfaces";
		if ((c->interfaces[c->ninterfaces] = strdup(item)) == NULL)
			return no_memory;
		c->ninterfaces++;
	}
	return NULL;
}

static const char *set_list(void *kept, const char *value)
{
	(void)value;
	((struct cl_capture_options *)kept)->list = true;
	return NULL;
}

static const char *set_buffer(void *kept, const char *value)
{
	struct cl_capture_options *c = kept;

	return cl_option_octets(value, &c->buffer) && c->buffer >= BUFFER_LEAST && c->buffer <= BUFFER_MOST
		       ? NULL
		       : "needs a number of bytes from 64K to 2047M, such as 256M";
}

static const char *set_snaplen(void *kept, const char *value)
{
	return cl_option_number(value, SNAPLEN_MAX, &((struct cl_capture_options *)kept)->snaplen)
		       ? NULL
		       : "needs a number of bytes from 1 to 262144";
}

static const char *set_no_promiscuous(void *kept, const char *value)
{
	(void)value;
	((struct cl_capture_options *)kept)->no_promiscuous = true;
	return NULL;
}

static const char *set_immediate(void *kept, const char *value)
{
	(void)value;
	((struct cl_capture_options *)kept)->immediate = true;
	return NULL;
}

static const char *set_timestamp(void *kept, const char *value)
{
	((struct cl_capture_options *)kept)->timestamp = value;
	return *value != '\0' ? NULL : "needs a type of time stamps (--interfaces lists them)";
}

static const char *set_commit(void *kept, const char *value)
{
	return cl_option_number(value, COMMIT_MAX_S, &((struct cl_capture_options *)kept)->commit_s)
		       ? NULL
		       : "needs a whole number of seconds from 1 to 3600";
}

/* "400d" or "13months". */
static bool keep_for(struct cl_capture_options *c, const char *item)
{
	size_t digits = strspn(item, "0123456789");
	char number[16];

	if (digits == 0 || digits >= sizeof number)
		return false;
	memcpy(number, item, digits);
	number[digits] = '\0';
	c->keep_days = c->keep_months = 0;
	if (strcmp(item + digits, "d") == 0 || strcmp(item + digits, "days") == 0)
		return cl_option_number(number, DAYS_MAX, &c->keep_days);
	if (strcmp(item + digits, "months") == 0 || strcmp(item + digits, "month") == 0)
		return cl_option_number(number, MONTHS_MAX, &c->keep_months);
	return false;
}

static const char *set_keep(void *kept, const char *value)
{
	struct cl_capture_options *c = kept;

	while (value != NULL) {
		char item[32];
		bool fits = next_item(&value, item, sizeof item);

		if (fits && strcmp(item, "transactions") == 0)
			c->keep_transactions = true;
		else if (!fits || !keep_for(c, item))
			return "needs transactions, a time such as 400d or 13months, or both with a comma";
	}
	return NULL;
}

static const char *set_rotate(void *kept, const char *value)
{
	((struct cl_capture_options *)kept)->rotate = true;
	return strcmp(value, "month") == 0 ? NULL : "needs the word month";
}

static const char *set_save(void *kept, const char *value)
{
	((struct cl_capture_options *)kept)->save = value;
	return *value != '\0' ? NULL : "needs the path of a folder";
}

static const char *set_save_bytes(void *kept, const char *value)
{
	struct cl_capture_options *c = kept;

	return cl_option_octets(value, &c->save_bytes) && c->save_bytes >= (uint64_t)1 << 20
		       ? NULL
		       : "needs a number of bytes, such as 2G, at least 1M";
}

static const char *set_replay(void *kept, const char *value)
{
	((struct cl_capture_options *)kept)->replay = value;
	return *value != '\0' ? NULL : "needs the path of a capture";
}

static const char *set_replay_rate(void *kept, const char *value)
{
	return cl_option_number(value, RATE_MAX, &((struct cl_capture_options *)kept)->rate)
		       ? NULL
		       : "needs a number of packets a second";
}

struct cl_capture_options cl_capture_kept = { .commit_s = 10 };

const struct cl_own_option cl_capture_rows[CL_CAPTURE_ROWS] = {
	{ 'i', "interface", "IFACE[,IFACE...]", "where to listen; may be repeated", set_interface },
	{ 'D', "interfaces", NULL, "list the interfaces, and leave", set_list },
	{ 0, "commit", "SECONDS", "how often the database is brought up to date (10)", set_commit },
	{ 0, "keep", "WHAT[,TIME]", "transactions; for how long, such as 13months", set_keep },
	{ 0, "rotate", "month", "a database for each month (UTC)", set_rotate },
	{ 0, "buffer", "BYTES", "of each interface, in the kernel", set_buffer },
	{ 0, "snaplen", "BYTES", "keep so much of each packet (all)", set_snaplen },
	{ 0, "no-promiscuous", NULL, "only what is sent to this machine", set_no_promiscuous },
	{ 0, "immediate", NULL, "packets one by one, not by the buffer full", set_immediate },
	{ 0, "timestamp", "TYPE", "clock of the packets, such as host (the best)", set_timestamp },
	{ 0, "save", "DIR", "keep the last packets there as pcapng", set_save },
	{ 0, "save-bytes", "BYTES", "how much of them, such as 2G", set_save_bytes },
	CL_SANDBOX_ROWS,
	CL_SANDBOX_ROW_REOPEN,
	{ 0, "replay", "FILE", "a capture, as if it came in; for tests", set_replay },
	{ 0, "replay-rate", "N", "its packets a second (as fast as it goes)", set_replay_rate },
};
