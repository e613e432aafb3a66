/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/mode6_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX   48u
#define COUNT(rows)  (sizeof(rows) / sizeof *(rows))
#define MINUTE	     60
#define HOUR	     3600
#define DAY	     86400
#define DURATION_MAX (INT64_C(1) << 40)

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static void trim(const uint8_t **p, size_t *n)
{
	while (*n > 0 && is_space(**p)) {
		(*p)++;
		(*n)--;
	}
	while (*n > 0 && is_space((*p)[*n - 1]))
		(*n)--;
}

/* Where what begins at `at` ends: at the next `stop` that no quotes hold. */
static size_t until(const uint8_t *octets, size_t n, size_t at, uint8_t stop)
{
	bool quoted = false;

	for (; at < n && (quoted || octets[at] != stop); at++)
		quoted ^= octets[at] == '"';
	return at;
}

bool cl_mode6_item(const uint8_t *octets, size_t n, size_t *at, struct cl_mode6_item *item)
{
	while (*at < n) {
		size_t stop = until(octets, n, *at, ',');
		const uint8_t *whole = octets + *at, *equals = memchr(whole, '=', stop - *at);

		*at = stop < n ? stop + 1 : n;
		if (equals == NULL)
			continue;
		item->name = whole;
		item->name_length = (size_t)(equals - whole);
		item->value = equals + 1;
		item->value_length = (size_t)(octets + stop - item->value);
		trim(&item->name, &item->name_length);
		trim(&item->value, &item->value_length);
		item->quoted = item->value_length >= 2 && item->value[0] == '"' &&
			       item->value[item->value_length - 1] == '"';
		if (item->quoted) {
			item->value++;
			item->value_length -= 2;
		}
		if (item->name_length > 0)
			return true;
	}
	return false;
}

/* Digits, a point, an exponent; one digit at least before the latter. */
static bool is_decimal(const char *p)
{
	size_t digits = 0, points = 0;

	p += *p == '-' || *p == '+';
	for (; (*p >= '0' && *p <= '9') || *p == '.'; p++) {
		points += *p == '.';
		digits += *p != '.';
	}
	if (digits == 0 || points > 1)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		size_t exponent = strspn(p, "0123456789");
		p += exponent;
		if (exponent == 0)
			return false;
	}
	return *p == '\0';
}

bool cl_mode6_number(const struct cl_mode6_item *item, double *out)
{
	char text[NUMBER_MAX];

	if (item->quoted || item->value_length == 0 || item->value_length >= sizeof text)
		return false;
	memcpy(text, item->value, item->value_length);
	text[item->value_length] = '\0';
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");

		if (digits == 0 || digits > 16 || text[2 + digits] != '\0')
			return false;
		*out = (double)strtoull(text, NULL, 16);
		return true;
	}
	if (!is_decimal(text))
		return false;
	*out = strtod(text, NULL);
	return isfinite(*out);
}

/* Status words ------------------------------------------------------------------ */

static const char *const leaps[] = { "leap_none", "leap_add_sec", "leap_del_sec", "leap_alarm" };
static const char *const sources[] = { "sync_unspec",	  "sync_pps",	   "sync_lf_radio", "sync_hf_radio",
				       "sync_uhf_radio",  "sync_local",	   "sync_ntp",	    "sync_other",
				       "sync_wristwatch", "sync_telephone" };
static const char *const system_events[] = {
	"unspecified", "freq_not_set", "freq_set",	"spike_detect",
	"freq_mode",   "clock_sync",   "restart",	"panic_stop",
	"no_sys_peer", "leap_armed",   "leap_disarmed", "leap_event",
	"clock_step",  "kern",	       "TAI",		"stale_leapsecond_values",
};
static const char *const selections[] = { "sel_reject",	   "sel_falsetick", "sel_excess",   "sel_outlier",
					  "sel_candidate", "sel_backup",    "sel_sys.peer", "sel_pps.peer" };
static const char *const peer_events[] = {
	"",	    "mobilize",	     "demobilize",	"unreachable",	   "reachable", "restart",
	"no_reply", "rate_exceeded", "access_denied",	"leap_armed",	   "sys_peer",	"clock_event",
	"bad_auth", "popcorn",	     "interleave_mode", "interleave_error"
};
static const char *const clock_words[] = { "clk_unspec",     "clk_no_reply", "clk_bad_format", "clk_fault",
					   "clk_bad_signal", "clk_bad_date", "clk_bad_time" };
static const char *const clock_conditions[] = { "nominal",    "no reply", "bad format", "fault",
						"bad signal", "bad date", "bad time" };
static const struct {
	uint16_t bit;
	const char *word;
} peer_bits[] = {
	{ 0x8000, "conf, " },  { 0x4000, "authenb, " }, { 0x2000, "auth, " },
	{ 0x1000, "reach, " }, { 0x0800, "bcast, " },
};

static const char *events(unsigned count, char out[16])
{
	if (count == 0)
		return "no events";
	snprintf(out, 16, "%u event%s", count, count == 1 ? "" : "s");
	return out;
}

static void peer_words(uint16_t status, const char *count, char out[CL_MODE6_WORDS_MAX])
{
	const unsigned event = status & 15u;
	char flags[48] = "";

	for (size_t i = 0; i < COUNT(peer_bits); i++)
		if ((status & peer_bits[i].bit) != 0)
			strcat(flags, peer_bits[i].word);
	snprintf(out, CL_MODE6_WORDS_MAX, "%s%s, %s%s%s", flags, selections[status >> 8 & 7u], count,
		 event != 0 ? ", " : "", peer_events[event]);
}

static void system_words(uint16_t status, const char *count, char out[CL_MODE6_WORDS_MAX])
{
	const unsigned source = status >> 8 & 63u;
	char number[16];

	snprintf(number, sizeof number, "sync_%u", source);
	snprintf(out, CL_MODE6_WORDS_MAX, "%s, %s, %s, %s", leaps[status >> 14],
		 source < COUNT(sources) ? sources[source] : number, count, system_events[status & 15u]);
}

void cl_mode6_words(enum cl_mode6_kind kind, uint16_t status, char out[CL_MODE6_WORDS_MAX])
{
	const unsigned code = status & 15u;
	char counted[16], number[16];
	const char *count = events(status >> 4 & 15u, counted);

	if (kind == CL_MODE6_SYSTEM) {
		system_words(status, count, out);
	} else if (kind == CL_MODE6_PEER) {
		peer_words(status, count, out);
	} else {
		snprintf(number, sizeof number, "clk_%u", code);
		snprintf(out, CL_MODE6_WORDS_MAX, "%s, %s", count,
			 code < COUNT(clock_words) ? clock_words[code] : number);
	}
}

const char *cl_mode6_clock(uint16_t status)
{
	const unsigned code = status & 15u;

	return code < COUNT(clock_conditions) ? clock_conditions[code] : NULL;
}

/* refclock_states ---------------------------------------------------------------- */

static bool read_digits(const char **p, int64_t *out)
{
	const char *from = *p;

	for (*out = 0; **p >= '0' && **p <= '9'; (*p)++) {
		*out = *out * 10 + (**p - '0');
		if (*out > DURATION_MAX)
			return false;
	}
	return *p > from;
}

/* [DAYSd+]HH:MM:SS */
static bool read_duration(const char **p, int64_t *seconds)
{
	int64_t days = 0, hours, minutes, rest;

	if (!read_digits(p, &hours))
		return false;
	if (strncmp(*p, "d+", 2) == 0) {
		*p += 2;
		days = hours;
		if (!read_digits(p, &hours))
			return false;
	}
	if (*(*p)++ != ':' || !read_digits(p, &minutes) || *(*p)++ != ':' || !read_digits(p, &rest))
		return false;
	if (days > DURATION_MAX / DAY || hours > DURATION_MAX / HOUR || minutes > DURATION_MAX / MINUTE)
		return false;
	*seconds = days * DAY + hours * HOUR + minutes * MINUTE + rest;
	return true;
}

/* What follows a state's name: its duration, and in brackets its share. */
static bool read_state(const uint8_t *octets, size_t n, struct cl_mode6_state *state)
{
	char text[NUMBER_MAX];
	const char *p = text;
	int64_t whole, hundredths;

	trim(&octets, &n);
	if (n >= sizeof text)
		return false;
	memcpy(text, octets, n);
	text[n] = '\0';
	state->share = -1;
	if (!read_duration(&p, &state->seconds))
		return false;
	if (*p == '\0')
		return true;
	if (strncmp(p, " (", 2) != 0)
		return false;
	p += 2;
	if (!read_digits(&p, &whole) || *p++ != '.' || !read_digits(&p, &hundredths) || strcmp(p, "%)") != 0)
		return false;
	state->share = ((double)whole + (double)hundredths / 100) / 100;
	return whole <= 100 && hundredths < 100;
}

bool cl_mode6_state(const uint8_t *octets, size_t n, size_t *at, struct cl_mode6_state *state)
{
	while (*at < n) {
		size_t stop = until(octets, n, *at, ';');
		const uint8_t *whole = octets + *at, *colon = memchr(whole, ':', stop - *at);

		*at = stop < n ? stop + 1 : n;
		if (colon == NULL || !read_state(colon + 1, (size_t)(octets + stop - colon - 1), state))
			continue;
		state->name = whole;
		state->name_length = (size_t)(colon - whole);
		trim(&state->name, &state->name_length);
		state->current = state->name_length > 0 && state->name[0] == '*';
		state->name += state->current;
		state->name_length -= state->current;
		if (state->name_length > 0)
			return true;
	}
	return false;
}
