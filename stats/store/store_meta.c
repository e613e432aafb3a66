/* SPDX-License-Identifier: BSD-2-Clause */
/* What a database was written with: kept in its table `meta`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_state.h"

/* What the options allow; a file that says more was not written by this program. */
#define STEP_MAX_S     86400
#define WINDOW_MAX_S   2678400
#define TIMEOUT_MAX_NS 3600000000000

static void put_text(struct cl_store *s, const char *key, const char *value)
{
	struct cl_query *q = cl_query_new(s, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)");

	cl_query_bind_text(q, 1, key);
	cl_query_bind_text(q, 2, value);
	cl_query_run(q);
	cl_query_free(q);
}

static void put_i64(struct cl_store *s, const char *key, int64_t value)
{
	struct cl_query *q = cl_query_new(s, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)");

	cl_query_bind_text(q, 1, key);
	cl_query_bind_i64(q, 2, value);
	cl_query_run(q);
	cl_query_free(q);
}

static const char *const only_names[] = {
	[CL_ONLY_ALL] = "", [CL_ONLY_INNER] = "inner", [CL_ONLY_OUTER] = "outer"
};

void cl_store_meta_write(struct cl_store *s)
{
	const struct cl_engine_config *c = &s->config.engine;
	char windows[CL_WINDOWS_MAX * 24] = "";
	size_t at = 0;

	for (uint32_t i = 0; i < c->windows; i++)
		at += (size_t)snprintf(windows + at, sizeof windows - at, "%s%lld", i > 0 ? "," : "",
				       (long long)(c->window_ns[i] / 1000000000));
	put_text(s, "tool", PACKAGE_STRING);
	put_text(s, "pairing", c->pairing == CL_PAIRING_WIRESHARK ? "wireshark" : "standard");
	put_i64(s, "timeout_ns", c->timeout_ns);
	put_i64(s, "step_s", c->step_ns / 1000000000);
	put_text(s, "windows_s", windows);
	put_text(s, "filter", s->config.filter);
	put_text(s, "servers", s->config.servers);
	put_text(s, "dns_ports", s->config.dns_ports);
	put_text(s, "ntp_ports", s->config.ntp_ports);
	put_text(s, "only", only_names[s->config.only]);
	put_i64(s, "seed", (int64_t)c->seed);
}

static bool get(struct cl_store *s, const char *key, char **text, int64_t *number)
{
	struct cl_query *q = cl_query_new(s, "SELECT value FROM meta WHERE key = ?1");
	bool found;

	cl_query_bind_text(q, 1, key);
	found = cl_query_row(q);
	if (found && number != NULL)
		*number = cl_query_i64(q, 0);
	if (found && text != NULL)
		*text = strdup(cl_query_text(q, 0) != NULL ? cl_query_text(q, 0) : "");
	cl_query_free(q);
	if (!found || (text != NULL && *text == NULL))
		snprintf(s->error, sizeof s->error, "does not say its %s: it is damaged", key);
	return found && (text == NULL || *text != NULL);
}

/* What databases did not always say: then there is none. */
static bool get_or_none(struct cl_store *s, const char *key, char **text)
{
	struct cl_query *q = cl_query_new(s, "SELECT value FROM meta WHERE key = ?1");

	cl_query_bind_text(q, 1, key);
	*text = strdup(cl_query_row(q) && cl_query_text(q, 0) != NULL ? cl_query_text(q, 0) : "");
	cl_query_free(q);
	return *text != NULL;
}

static bool get_only(struct cl_store *s)
{
	char *text = NULL;
	bool ok = get_or_none(s, "only", &text);

	s->config.only = CL_ONLY_ALL;
	for (unsigned i = 0; ok && i < sizeof only_names / sizeof *only_names; i++)
		if (strcmp(text, only_names[i]) == 0)
			s->config.only = (enum cl_only)i;
	free(text);
	return ok;
}

static bool read_windows(struct cl_engine_config *c, const char *text)
{
	char *end;

	for (c->windows = 0; c->windows < CL_WINDOWS_MAX; text = end + 1) {
		long long s = strtoll(text, &end, 10);

		if (end == text || s <= 0 || s > WINDOW_MAX_S)
			return false;
		c->window_ns[c->windows++] = s * 1000000000;
		if (*end != ',')
			return *end == '\0';
	}
	return false;
}

bool cl_store_meta_read(struct cl_store *s)
{
	struct cl_engine_config *c = &s->config.engine;
	char *pairing = NULL, *windows = NULL;
	int64_t seed = 0, step_s = 0;
	bool ok = get(s, "pairing", &pairing, NULL) && get(s, "timeout_ns", NULL, &c->timeout_ns) &&
		  get(s, "step_s", NULL, &step_s) && get(s, "windows_s", &windows, NULL) &&
		  get(s, "filter", &s->config.filter, NULL) && get(s, "servers", &s->config.servers, NULL) &&
		  get_or_none(s, "dns_ports", &s->config.dns_ports) &&
		  get_or_none(s, "ntp_ports", &s->config.ntp_ports) && get_only(s) &&
		  get(s, "seed", NULL, &seed);

	if (ok) {
		c->pairing = strcmp(pairing, "wireshark") == 0 ? CL_PAIRING_WIRESHARK : CL_PAIRING_STANDARD;
		c->seed = (uint64_t)seed;
		ok = step_s > 0 && step_s <= STEP_MAX_S && c->timeout_ns > 0 &&
		     c->timeout_ns <= TIMEOUT_MAX_NS && read_windows(c, windows);
		if (ok)
			c->step_ns = step_s * 1000000000;
		else
			snprintf(s->error, sizeof s->error,
				 "has a timeout, steps or windows that make no sense: it is damaged");
	}
	free(pairing);
	free(windows);
	return ok;
}
