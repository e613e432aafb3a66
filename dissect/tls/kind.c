/* SPDX-License-Identifier: BSD-2-Clause */
/* What encrypted DNS and NTS key establishment are known by. */
#include "dissect/tls/kind.h"

#include <string.h>

#include "dissect/cursor.h"

#define NAME_MAX_OCTETS 64u /* longer names are no resolver of the table's */

const char *const cl_tls_kind_names[CL_TLS_KINDS] = { "other", "nts-ke", "dot", "doh", "doq" };

const char *const cl_tls_resolvers[] = {
	"1dot1dot1dot1.cloudflare-dns.com",
	"8888.google",
	"adblock.dns.mullvad.net",
	"base.dns.mullvad.net",
	"chrome.cloudflare-dns.com",
	"cloudflare-dns.com",
	"dns.adguard-dns.com",
	"dns.adguard.com",
	"dns.alidns.com",
	"dns.bebasid.com",
	"dns.cloudflare.com",
	"dns.controld.com",
	"dns.digitale-gesellschaft.ch",
	"dns.google",
	"dns.google.com",
	"dns.mullvad.net",
	"dns.nextdns.io",
	"dns.njal.la",
	"dns.quad9.net",
	"dns.sb",
	"dns.switch.ch",
	"dns.twnic.tw",
	"dns0.eu",
	"dns10.quad9.net",
	"dns11.quad9.net",
	"dns12.quad9.net",
	"dns9.quad9.net",
	"dnsforge.de",
	"doh.360.cn",
	"doh.applied-privacy.net",
	"doh.cleanbrowsing.org",
	"doh.cox.net",
	"doh.dns.apple.com",
	"doh.dns.sb",
	"doh.familyshield.opendns.com",
	"doh.ffmuc.net",
	"doh.libredns.gr",
	"doh.mullvad.net",
	"doh.opendns.com",
	"doh.pub",
	"doh.quickline.ch",
	"doh.tiar.app",
	"doh.umbrella.com",
	"doh.xfinity.com",
	"dot.pub",
	"family.adguard-dns.com",
	"family.cloudflare-dns.com",
	"freedns.controld.com",
	"joindns4.eu",
	"kaitain.restena.lu",
	"mozilla.cloudflare-dns.com",
	"odvr.nic.cz",
	"one.one.one.one",
	"ordns.he.net",
	"public.dns.iij.jp",
	"security.cloudflare-dns.com",
	"unfiltered.adguard-dns.com",
	"wikimedia-dns.org",
};
const size_t cl_tls_resolver_count = sizeof cl_tls_resolvers / sizeof *cl_tls_resolvers;

static bool is_row(const char *name)
{
	size_t from = 0, to = cl_tls_resolver_count;

	while (from < to) {
		size_t at = (from + to) / 2;
		int order = strcmp(name, cl_tls_resolvers[at]);

		if (order == 0)
			return true;
		if (order > 0)
			from = at + 1;
		else
			to = at;
	}
	return false;
}

bool cl_tls_is_resolver(struct cl_span name)
{
	char text[NAME_MAX_OCTETS + 1];
	struct cl_cur c = cl_cur_make(name.ptr, name.len, name.len);

	if (name.len == 0 || name.len > NAME_MAX_OCTETS)
		return false;
	for (uint32_t i = 0; i < name.len; i++) {
		uint8_t o = cl_cur_u8(&c);

		text[i] = (char)(o >= 'A' && o <= 'Z' ? o | 0x20 : o);
	}
	text[name.len] = '\0';
	for (const char *at = text; at != NULL; at = strchr(at, '.')) {
		at += *at == '.';
		if (is_row(at))
			return true;
	}
	return false;
}

bool cl_tls_alpn_has(struct cl_span list, const char *protocol)
{
	struct cl_cur c = cl_cur_make(list.ptr, list.len, list.len);

	while (c.err == CL_OK && cl_cur_left(&c) > 0) {
		struct cl_span one = cl_cur_take(&c, cl_cur_u8(&c));

		if (c.err == CL_OK && one.len == strlen(protocol) && memcmp(one.ptr, protocol, one.len) == 0)
			return true;
	}
	return false;
}

/* By ALPN (IANA): the identifier, and whether it is of QUIC. */
static const struct {
	const char *alpn;
	bool quic;
	uint8_t kind;
} protocols[] = {
	{ "doq", true, CL_TLS_DOQ },	     /* RFC 9250 sec. 4.1.1 */
	{ "dot", false, CL_TLS_DOT },	     /* RFC 7858 */
	{ "ntske/1", false, CL_TLS_NTS_KE }, /* RFC 8915 sec. 4 */
};

/* By port. */
static const struct {
	uint16_t port;
	bool quic;
	uint8_t kind;
} ports[] = {
	{ 123, false, CL_TLS_NTS_KE },	/* early tests */
	{ 853, false, CL_TLS_DOT },	/* RFC 7858 sec. 3.1 */
	{ 853, true, CL_TLS_DOQ },	/* RFC 9250 sec. 4.1.1 */
	{ 4430, false, CL_TLS_NTS_KE }, /* drafts of RFC 8915 */
	{ 4460, false, CL_TLS_NTS_KE }, /* RFC 8915 sec. 7.1 */
};

enum cl_tls_kind cl_tls_kind_of(bool quic, uint16_t port, struct cl_span alpn, struct cl_span sni)
{
	for (unsigned i = 0; i < sizeof protocols / sizeof *protocols; i++)
		if (protocols[i].quic == quic && cl_tls_alpn_has(alpn, protocols[i].alpn))
			return (enum cl_tls_kind)protocols[i].kind;
	for (unsigned i = 0; i < sizeof ports / sizeof *ports; i++)
		if (ports[i].quic == quic && ports[i].port == port)
			return (enum cl_tls_kind)ports[i].kind;
	return port == 443 && cl_tls_is_resolver(sni) ? CL_TLS_DOH : CL_TLS_OTHER;
}

void cl_tls_kind_count(struct cl_ledger *l, enum cl_tls_kind kind)
{
	static const enum cl_fact facts[CL_TLS_KINDS] = {
		[CL_TLS_NTS_KE] = CL_FACT_NTS_KE_CONNECTIONS,
		[CL_TLS_DOT] = CL_FACT_DOT_CONNECTIONS,
		[CL_TLS_DOH] = CL_FACT_DOH_CONNECTIONS,
		[CL_TLS_DOQ] = CL_FACT_DOQ_CONNECTIONS,
	};

	if (kind != CL_TLS_OTHER)
		l->fact[facts[kind]]++;
}
