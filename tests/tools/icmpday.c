/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A day of NTP requests, responses and ICMP errors about them, and what there is to count in it.
 *
 * usage: icmpday FILE CLIENTS ERRORS SENDERS MIXED
 *
 * Writes FILE (pcap, raw IP) and, on standard output, lines `path value` as the view icmp has them, but with
 * types.FAMILY/TYPE/CODE for a row of types. MIXED 1: every fifth client over IPv4 (CLIENTS a multiple of
 * five then). Nothing of the program under test is used. Same arguments, same octets.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0	INT64_C(1780272000) /* 2026-06-01T00:00:00Z */
#define TYPES	7
#define CLASSES 12

enum mode { WHOLE, SHORT, ALTERED, PORT, OLD, REQUEST };

struct exchange {
	int64_t asked_us, answered_us;
	uint32_t client;
	uint16_t port;
	uint64_t stamp;
};

struct error {
	int64_t us;
	uint32_t exchange, sender; /* even senders are clients */
	unsigned type;
	enum mode mode;
	uint8_t ttl;
};

struct packet {
	int64_t us;
	uint32_t of;
	enum { ASK, ANSWER, ERROR } what;
};

static const uint8_t types6[TYPES][2] = {
	{ 1, 4 }, { 1, 3 }, { 3, 0 }, { 1, 1 }, { 1, 0 }, { 2, 0 }, { 3, 1 }
};
static const uint8_t types4[TYPES][2] = { { 3, 3 }, { 3, 1 }, { 11, 0 }, { 3, 13 },
					  { 3, 0 }, { 3, 4 }, { 11, 1 } };

static uint32_t clients, errors, senders, mixed, exchanges;
static struct exchange *exchange;
static struct error *error;

static uint64_t state = 1;

static uint64_t dice(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % n;
}

static void *room(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		exit(2);
	return p;
}

static bool is4(uint32_t client)
{
	return mixed != 0 && client % 5 == 4;
}

/* What happens ------------------------------------------------------------------ */

static void ask(struct exchange *x, uint32_t client, uint16_t *ports)
{
	static const int64_t least[] = { 30, 30, 30, 1100, 5200, 300000 },
			     most[] = { 900, 900, 990, 4900, 40000, 1500000 };
	unsigned class = (unsigned)dice(6);

	if (class == 5 && dice(10) != 0)
		class = 0;
	x->client = client;
	x->port = (uint16_t)(1024 + ports[client]++);
	x->asked_us = 1 + (int64_t)dice(UINT64_C(86200000000));
	x->answered_us = x->asked_us + least[class] + (int64_t)dice((uint64_t)(most[class] - least[class]));
	x->stamp = dice(UINT64_MAX) << 20 | (uint64_t)(x - exchange + 1);
}

static void fail(struct error *e, uint32_t j, uint16_t *ports, uint8_t *failed)
{
	const enum mode modes[] = { SHORT, SHORT, ALTERED, PORT, OLD, REQUEST };
	uint64_t d = dice(30);

	e->sender = j < senders ? j : (uint32_t)dice(senders);
	bool self = e->sender % 2 == 0;
	uint32_t client =
		self ? (uint32_t)(((uint64_t)e->sender * 31 + 7) % clients) : (uint32_t)dice(clients);
	if (!self && mixed)
		client = client - client % 5 + (e->sender % 5 == 4 ? 4 : 0);
	e->mode = d < sizeof modes / sizeof *modes ? modes[d] : WHOLE;
	e->type = self ? (dice(5) == 0 ? 6 : 0) : (unsigned)dice(6);
	if (dice(3) == 0 && !failed[client]) {
		e->exchange = client; /* its first */
	} else {
		e->exchange = exchanges++;
		ask(&exchange[e->exchange], client, ports);
	}
	failed[client] |= e->exchange == client;
	e->us = exchange[e->exchange].answered_us + 300 + (int64_t)dice(dice(20) == 0 ? 3000000 : 400000);
	if (e->mode == OLD)
		e->us = exchange[e->exchange].answered_us + 60000001 + (int64_t)dice(10000000);
	e->ttl = e->type != 2 ? 50 : e->sender % 3 == 0 ? 1 : 57;
}

/* Packets ----------------------------------------------------------------------- */

static uint8_t octets[256];
static size_t used;

static void put(uint64_t v, unsigned n)
{
	while (n-- > 0)
		octets[used++] = (uint8_t)(v >> 8 * n);
}

static void put_client(uint32_t c)
{
	if (is4(c)) {
		put(0x0a000000 | c, 4);
		return;
	}
	put(0x20010db8, 4);
	put(c / 256, 2);
	put(c % 256, 2);
	put(1, 8);
}

static void put_server(bool v4)
{
	if (v4) {
		put(0xc000027b, 4);
		return;
	}
	put(0x20010db8aaaa0000, 8);
	put(0x123, 8);
}

static void put_sender(const struct error *e, bool v4)
{
	if (e->sender % 2 == 0) {
		put_client(exchange[e->exchange].client);
	} else if (v4) {
		put(0xac100000 | e->sender, 4);
	} else {
		put(0x20010db8ffff0000, 8);
		put(e->sender, 8);
	}
}

/* RFC 1071; of nothing but what is there. */
static uint16_t sum(size_t from, size_t to, uint32_t start)
{
	uint32_t s = start;

	for (size_t i = from; i < to; i++)
		s += (uint32_t)octets[i] << (((i - from) & 1) != 0 ? 0 : 8);
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static void set16(size_t at, uint16_t v)
{
	octets[at] = (uint8_t)(v >> 8);
	octets[at + 1] = (uint8_t)v;
}

static void begin_ip(bool v4, uint8_t proto, uint8_t ttl)
{
	put(v4 ? 0x45000000 : 0x60000000, 4); /* lengths come later */
	put(0, v4 ? 4 : 2);
	if (v4)
		put((uint64_t)ttl << 8 | proto, 2);
	else
		put((uint64_t)proto << 8 | ttl, 2);
	if (v4)
		put(0, 2);
}

/* Sets lengths and checksums of a packet that begins at `at`; the transport's checksum is at `checksum`
 * behind its header's beginning. */
static void end_ip(size_t at, bool v4, uint8_t proto, size_t checksum)
{
	size_t body = at + (v4 ? 20 : 40);
	uint32_t pseudo = 0;

	if (v4) {
		set16(at + 2, (uint16_t)(used - at));
		set16(at + 10, sum(at, at + 20, 0));
	} else {
		set16(at + 4, (uint16_t)(used - body));
	}
	if (!v4 || proto == 17) {
		pseudo = proto + (uint32_t)(used - body);
		for (size_t i = v4 ? at + 12 : at + 8; i < body; i += 2)
			pseudo += (uint32_t)octets[i] << 8 | octets[i + 1];
	}
	set16(body + checksum, sum(body, used, pseudo));
}

/* RFC 5905 sec. 7.3. */
static void put_ntp(const struct exchange *x, bool answer)
{
	const uint64_t words[2][6] = {
		{ 0x2300060000000000, 0, 0, 0, 0, x->stamp },
		{ 0x240206ec00000100, 0x0000020047505300, x->stamp / 3, x->stamp, x->stamp + 7,
		  x->stamp + 9 },
	};

	for (size_t i = 0; i < 6; i++)
		put(words[answer][i], 8);
}

/* An NTP packet as it is sent, `ttl` hops before its end. */
static void put_message(const struct exchange *x, bool answer, uint8_t ttl)
{
	bool v4 = is4(x->client);
	size_t at = used;

	begin_ip(v4, 17, ttl);
	if (answer)
		put_server(v4);
	put_client(x->client);
	if (!answer)
		put_server(v4);
	put(answer ? 123 : x->port, 2);
	put(answer ? x->port : 123, 2);
	put(8 + 48, 2);
	put(0, 2);
	put_ntp(x, answer);
	end_ip(at, v4, 17, 6);
}

static void put_error(const struct error *e)
{
	const struct exchange *x = &exchange[e->exchange];
	bool v4 = is4(x->client);
	struct exchange quoted = *x;

	begin_ip(v4, v4 ? 1 : 58, 60);
	put_sender(e, v4);
	put_server(v4);
	put(v4 ? types4[e->type][0] : types6[e->type][0], 1);
	put(v4 ? types4[e->type][1] : types6[e->type][1], 1);
	put(0, 2);
	put(e->type == 5 ? 1280 : 0, 4);
	if (e->mode == PORT)
		quoted.port = 1000;
	put_message(&quoted, e->mode != REQUEST, e->ttl);
	if (e->mode == SHORT)
		used -= 48;
	if (e->mode == ALTERED)
		octets[used - 17] ^= 0x40;
	end_ip(0, v4, v4 ? 1 : 58, 2);
}

static void put32le(FILE *f, uint32_t v)
{
	const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	fwrite(b, 1, 4, f);
}

static void write_packet(FILE *f, const struct packet *p)
{
	used = 0;
	if (p->what == ERROR)
		put_error(&error[p->of]);
	else
		put_message(&exchange[p->of], p->what == ANSWER, 64);
	put32le(f, (uint32_t)(T0 + p->us / 1000000));
	put32le(f, (uint32_t)(p->us % 1000000));
	put32le(f, (uint32_t)used);
	put32le(f, (uint32_t)used);
	fwrite(octets, 1, used, f);
}

static int in_time(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	if (x->us != y->us)
		return x->us < y->us ? -1 : 1;
	return x->what != y->what ? (int)x->what - (int)y->what : (x->of > y->of) - (x->of < y->of);
}

static int write_file(const char *path)
{
	FILE *f = fopen(path, "wb");
	size_t all = exchanges, n = 0;
	struct packet *packet = room(2 * all + errors, sizeof *packet);

	if (f == NULL)
		return 2;
	for (uint32_t i = 0; i < all; i++) {
		packet[n++] = (struct packet){ exchange[i].asked_us, i, ASK };
		packet[n++] = (struct packet){ exchange[i].answered_us, i, ANSWER };
	}
	for (uint32_t i = 0; i < errors; i++)
		packet[n++] = (struct packet){ error[i].us, i, ERROR };
	qsort(packet, n, sizeof *packet, in_time);
	put32le(f, 0xa1b2c3d4);
	put32le(f, 0x00040002);
	put32le(f, 0);
	put32le(f, 0);
	put32le(f, 65535);
	put32le(f, 101);
	for (size_t i = 0; i < n; i++)
		write_packet(f, &packet[i]);
	free(packet);
	return fclose(f) == 0 ? 0 : 2;
}

/* What there is to count ---------------------------------------------------------- */

static bool matches(const struct error *e)
{
	return e->mode == WHOLE || e->mode == SHORT;
}

static const char *const family[2] = { "ipv6", "ipv4" };

/* Senders and clients whose responses are quoted, of one type (TYPES: of all). */
static void say_addresses(const char *path, int f, unsigned type)
{
	uint8_t *sent = room(senders, 1), *hit = room(clients, 1);
	uint32_t n = 0, s = 0, a = 0, self = 0, unmatched = 0;

	for (uint32_t i = 0; i < errors; i++) {
		const struct error *e = &error[i];
		uint32_t c = exchange[e->exchange].client;

		if (is4(c) != (f == 1) || (type != TYPES && e->type != type))
			continue;
		n++;
		s += !sent[e->sender];
		sent[e->sender] = 1;
		self += e->sender % 2 == 0;
		unmatched += !matches(e);
		if (e->mode != REQUEST) {
			a += !hit[c];
			hit[c] = 1;
		}
	}
	if (n > 0) {
		printf("%s.errors %u\n%s.senders %u\n%s.affected_clients %u\n", path, n, path, s, path, a);
		printf("%s.from_client %u\n%s.from_router %u\n", path, self, path, n - self);
		printf("%s.unmatched %u\n", path, unmatched);
	}
	free(sent);
	free(hit);
}

static int upwards(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void say_times(const char *path, int f, unsigned type)
{
	int64_t *us = room(errors + 1, sizeof *us);
	size_t n = 0;

	for (uint32_t i = 0; i < errors; i++) {
		const struct exchange *x = &exchange[error[i].exchange];

		if (is4(x->client) == (f == 1) && error[i].type == type && matches(&error[i]))
			us[n++] = error[i].us - x->answered_us;
	}
	qsort(us, n, sizeof *us, upwards);
	if (n > 0) {
		printf("%s.round_trip_s.n %zu\n%s.round_trip_s.min %.6f\n", path, n, path,
		       (double)us[0] / 1e6);
		printf("%s.round_trip_s.p50 %.6f\n", path, (double)us[(n + 1) / 2 - 1] / 1e6);
		printf("%s.round_trip_s.max %.6f\n", path, (double)us[n - 1] / 1e6);
	}
	free(us);
}

static void say_families(void)
{
	char path[64];

	for (int f = 0; f < 2; f++) {
		uint32_t asked = 0, n = 0;

		for (uint32_t i = 0; i < exchanges; i++)
			asked += is4(exchange[i].client) == (f == 1);
		for (uint32_t c = 0; c < clients; c++)
			n += is4(c) == (f == 1);
		printf("families.%s.requests %u\nfamilies.%s.clients %u\n", family[f], asked, family[f], n);
		snprintf(path, sizeof path, "families.%s", family[f]);
		say_addresses(path, f, TYPES);
		for (unsigned t = 0; t < TYPES; t++) {
			const uint8_t *type = f == 1 ? types4[t] : types6[t];

			snprintf(path, sizeof path, "types.%s/%u/%u", family[f], type[0], type[1]);
			say_addresses(path, f, t);
			say_times(path, f, t);
		}
	}
}

static void say_hours(void)
{
	for (int hour = 0; hour < 24; hour++)
		for (int f = 0; f < 2; f++) {
			uint32_t asked = 0, failed = 0;

			for (uint32_t i = 0; i < exchanges; i++)
				asked += is4(exchange[i].client) == (f == 1) &&
					 (exchange[i].asked_us - 1) / INT64_C(3600000000) == hour;
			for (uint32_t i = 0; i < errors; i++)
				failed += is4(exchange[error[i].exchange].client) == (f == 1) &&
					  (error[i].us - 1) / INT64_C(3600000000) == hour;
			printf("series.%d.%s.requests %u\nseries.%d.%s.errors %u\n", hour, family[f], asked,
			       hour, family[f], failed);
		}
}

static unsigned class_of(int64_t us)
{
	static const int64_t edge_ms[CLASSES] = { 0, 1, 5, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000 };
	unsigned i = 0;

	while (i + 1 < CLASSES && us >= edge_ms[i + 1] * 1000)
		i++;
	return i;
}

static void say_closed(void)
{
	uint32_t wait[CLASSES] = { 0 }, delta[CLASSES] = { 0 }, of[CLASSES] = { 0 };
	uint32_t n[CLASSES] = { 0 }, failed[CLASSES] = { 0 }, answers[CLASSES] = { 0 };
	int64_t *trip = room(clients, sizeof *trip);
	uint32_t *closed = room(clients, sizeof *closed), *answered = room(clients, sizeof *answered);

	for (uint32_t i = 0; i < exchanges; i++) {
		of[class_of(exchange[i].answered_us - exchange[i].asked_us)]++;
		answered[exchange[i].client]++;
	}
	for (uint32_t i = 0; i < errors; i++) {
		const struct error *e = &error[i];
		const struct exchange *x = &exchange[e->exchange];

		if (!matches(e) || e->type != 0 || e->sender % 2 != 0)
			continue;
		wait[class_of(e->us - x->asked_us)]++;
		delta[class_of(x->answered_us - x->asked_us)]++;
		if (closed[x->client]++ == 0 || e->us - x->answered_us < trip[x->client])
			trip[x->client] = e->us - x->answered_us;
	}
	for (uint32_t c = 0; c < clients; c++)
		if (closed[c] > 0) {
			n[class_of(trip[c])]++;
			failed[class_of(trip[c])] += closed[c];
			answers[class_of(trip[c])] += answered[c];
		}
	for (unsigned i = 0; i < CLASSES; i++) {
		printf("closed_port.classes.%u.by_wait %u\nclosed_port.classes.%u.by_delta %u\n", i, wait[i],
		       i, delta[i]);
		printf("closed_port.classes.%u.exchanges %u\nclosed_port.classes.%u.clients %u\n", i, of[i],
		       i, n[i]);
		printf("closed_port.classes.%u.by_round_trip %u\nclosed_port.classes.%u.responses %u\n", i,
		       failed[i], i, answers[i]);
	}
	free(trip);
	free(closed);
	free(answered);
}

static void say_returning(void)
{
	int64_t *first = room(clients, sizeof *first), end = 0;
	uint32_t *drew = room(clients, sizeof *drew), *after = room(clients, sizeof *after);
	uint32_t *answered = room(clients, sizeof *answered);
	uint32_t affected = 0, back = 0, asked = 0, never = 0, never_back = 0, late = 0;

	for (uint32_t i = 0; i < errors; i++) {
		uint32_t c = exchange[error[i].exchange].client;

		end = error[i].us > end ? error[i].us : end;
		if (matches(&error[i]) && (drew[c]++ == 0 || error[i].us < first[c]))
			first[c] = error[i].us;
	}
	for (uint32_t i = 0; i < exchanges; i++) {
		uint32_t c = exchange[i].client;

		end = exchange[i].asked_us > end ? exchange[i].asked_us : end;
		answered[c]++;
		after[c] += drew[c] > 0 && exchange[i].asked_us > first[c];
	}
	for (uint32_t c = 0; c < clients; c++) {
		if (drew[c] == 0)
			continue;
		affected++;
		back += after[c] > 0;
		asked += after[c];
		never += drew[c] == answered[c];
		never_back += drew[c] == answered[c] && after[c] > 0;
		late += first[c] > end - INT64_C(1024000000);
	}
	printf("returning.clients %u\nreturning.came_back %u\nreturning.requests_after %u\n", affected, back,
	       asked);
	printf("returning.never_answered %u\nreturning.never_answered_came_back %u\n", never, never_back);
	printf("returning.first_error_at_end %u\n", late);
	free(first);
	free(drew);
	free(after);
	free(answered);
}

/* By the network of whom the quoted message was going to: clients by 256 in both families, or a server. */
static void say_networks(void)
{
	uint8_t *seen = room(2 * (clients / 256 + 2), 1);
	uint32_t networks = 0;

	for (uint32_t i = 0; i < errors; i++) {
		uint32_t c = exchange[error[i].exchange].client;
		size_t at = error[i].mode == REQUEST ? 0 : c / 256 + 1;

		if (error[i].type != 2)
			continue;
		networks += !seen[2 * at + is4(c)];
		seen[2 * at + is4(c)] = 1;
	}
	printf("hops_exceeded_networks %u\n", networks);
	free(seen);
}

static void say_quotes(void)
{
	for (int f = 0; f < 2; f++) {
		uint32_t n[6] = { 0 };

		for (uint32_t i = 0; i < errors; i++)
			if (is4(exchange[error[i].exchange].client) == (f == 1))
				n[error[i].mode]++;
		printf("quotes.%s.matched %u\nquotes.%s.altered %u\n", family[f], n[WHOLE] + n[SHORT],
		       family[f], n[ALTERED]);
		printf("quotes.%s.ambiguous 0\nquotes.%s.repeated 0\n", family[f], family[f]);
		printf("quotes.%s.about_requests %u\nquotes.%s.requests_matched %u\n", family[f], n[REQUEST],
		       family[f], n[REQUEST]);
	}
}

int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	clients = (uint32_t)strtoul(argv[2], NULL, 10);
	errors = (uint32_t)strtoul(argv[3], NULL, 10);
	senders = (uint32_t)strtoul(argv[4], NULL, 10);
	mixed = (uint32_t)strtoul(argv[5], NULL, 10);
	exchange = room(clients + (size_t)errors, sizeof *exchange);
	error = room(errors + (size_t)1, sizeof *error);
	state = 0x9e3779b97f4a7c15u;
	uint16_t *ports = room(clients, sizeof *ports);
	for (uint32_t c = 0; c < clients; c++)
		ask(&exchange[c], c, ports);
	exchanges = clients;
	uint8_t *failed = room(clients, 1);
	for (uint32_t i = 0; i < errors; i++)
		fail(&error[i], i, ports, failed);
	int status = write_file(argv[1]);
	say_families();
	say_hours();
	say_closed();
	say_returning();
	say_networks();
	say_quotes();
	free(failed);
	free(ports);
	free(exchange);
	free(error);
	return status;
}
