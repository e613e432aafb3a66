/* SPDX-License-Identifier: BSD-2-Clause */
/* Items of mode 7 as ntp_request.h of ntpd 4.2.8 has them; names are Wireshark's. */
#include "dissect/ntp/items.h"

#include "dissect/ntp/show.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define FIELD(id, name, label, type, base, text)                                                             \
	static const struct cl_field id = { name, label, type, base, 0, text }

static const char *action_name(uint64_t v)
{
	static const char *const names[] = { "Interface exists", "Interface created", "Interface deleted" };

	return v >= 1 && v <= COUNT(names) ? names[v - 1] : NULL;
}

FIELD(f_lamport, "ntp.priv.mode7.lamport", "Lamport violation", CL_V_UINT, CL_DEC, NULL);
FIELD(f_tsrounding, "ntp.priv.mode7.tsrounding", "Timestamp rounding error", CL_V_UINT, CL_DEC, NULL);
FIELD(f_config_flags, "ntp.priv.config.flags", "Flags", CL_V_UINT, CL_HEX8, NULL);
FIELD(f_action, "ntp.priv.mode7.action", "Action", CL_V_UINT, CL_DEC, action_name);
FIELD(f_address, "ntp.priv.mode7.address", "Address", CL_V_IP4, CL_DEC, NULL);
FIELD(f_address6, "ntp.priv.mode7.address6", "IPv6 addr", CL_V_IP6, CL_DEC, NULL);
FIELD(f_alarms, "ntp.priv.mode7.alarms", "Alarms", CL_V_UINT, CL_DEC, NULL);
FIELD(f_allocations, "ntp.priv.mode7.allocations", "Allocations", CL_V_UINT, CL_DEC, NULL);
FIELD(f_associd, "ntp.priv.mode7.associd", "Association ID", CL_V_UINT, CL_DEC, NULL);
FIELD(f_async_messages, "ntp.priv.mode7.async_messages", "Async messages", CL_V_UINT, CL_DEC, NULL);
FIELD(f_authdelay, "ntp.priv.mode7.authdelay", "Auth delay", CL_V_INT, CL_DEC, NULL);
FIELD(f_bad_offset, "ntp.priv.mode7.bad_offset", "Non zero offset packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_bad_packets, "ntp.priv.mode7.bad_packets", "Bad packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_bad_version, "ntp.priv.mode7.bad_version", "Unknown version packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_badauth, "ntp.priv.mode7.badauth", "Bad authentication", CL_V_UINT, CL_DEC, NULL);
FIELD(f_baddata, "ntp.priv.mode7.baddata", "Bad data", CL_V_UINT, CL_DEC, NULL);
FIELD(f_badformat, "ntp.priv.mode7.badformat", "Bad format", CL_V_UINT, CL_DEC, NULL);
FIELD(f_badlength, "ntp.priv.mode7.badlength", "Bad length", CL_V_UINT, CL_DEC, NULL);
FIELD(f_badop, "ntp.priv.mode7.badop", "Bad op code found", CL_V_UINT, CL_DEC, NULL);
FIELD(f_bcast, "ntp.priv.mode7.bcast", "Bcast", CL_V_IP4, CL_DEC, NULL);
FIELD(f_bcast6, "ntp.priv.mode7.bcast6", "IPv6 bcast", CL_V_IP6, CL_DEC, NULL);
FIELD(f_bdelay, "ntp.priv.mode7.bdelay", "Bdelay", CL_V_INT, CL_DEC, NULL);
FIELD(f_bogusorg, "ntp.priv.mode7.bogusorg", "Bogus origin", CL_V_UINT, CL_DEC, NULL);
FIELD(f_calcnt, "ntp.priv.mode7.calcnt", "calcnt", CL_V_INT, CL_DEC, NULL);
FIELD(f_candidate, "ntp.priv.mode7.candidate", "Candidate", CL_V_UINT, CL_DEC, NULL);
FIELD(f_clock_flags, "ntp.priv.mode7.clock_flags", "Clock Flags", CL_V_UINT, CL_DEC, NULL);
FIELD(f_compliance, "ntp.priv.mode7.compliance", "Compliance", CL_V_UINT, CL_DEC, NULL);
FIELD(f_config_flags_authenable, "ntp.priv.mode7.config.flags.authenable", "Authenable", CL_V_BOOL, CL_DEC,
      NULL);
FIELD(f_config_flags_burst, "ntp.priv.mode7.config.flags.burst", "Burst", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_config_flags_iburst, "ntp.priv.mode7.config.flags.iburst", "IBurst", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_config_flags_no_select, "ntp.priv.mode7.config.flags.no_select", "No Select", CL_V_BOOL, CL_DEC,
      NULL);
FIELD(f_config_flags_prefer, "ntp.priv.mode7.config.flags.prefer", "Prefer", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_config_flags_skey, "ntp.priv.mode7.config.flags.skey", "Skey", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_constant, "ntp.priv.mode7.constant", "Constant", CL_V_INT, CL_DEC, NULL);
FIELD(f_count, "ntp.priv.mode7.count", "Count", CL_V_UINT, CL_DEC, NULL);
FIELD(f_currentstatus, "ntp.priv.mode7.currentstatus", "Current status", CL_V_UINT, CL_DEC, NULL);
FIELD(f_data_too_short, "ntp.priv.mode7.data_too_short", "Data too short", CL_V_UINT, CL_DEC, NULL);
FIELD(f_decryptions, "ntp.priv.mode7.decryptions", "Decryptions", CL_V_UINT, CL_DEC, NULL);
FIELD(f_delay, "ntp.priv.mode7.delay", "Delay", CL_V_INT, CL_DEC, NULL);
FIELD(f_demobilizations, "ntp.priv.mode7.demobilizations", "Demobilizations", CL_V_UINT, CL_DEC, NULL);
FIELD(f_denied, "ntp.priv.mode7.denied", "Denied", CL_V_UINT, CL_DEC, NULL);
FIELD(f_dispersion, "ntp.priv.mode7.dispersion", "Dispersion", CL_V_UINT, CL_DEC, NULL);
FIELD(f_drift_comp, "ntp.priv.mode7.drift_comp", "Drift comp", CL_V_INT, CL_DEC, NULL);
FIELD(f_dropped, "ntp.priv.mode7.dropped", "Dropped packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_dstaddress, "ntp.priv.mode7.dstaddress", "Destination address", CL_V_IP4, CL_DEC, NULL);
FIELD(f_dstaddress6, "ntp.priv.mode7.dstaddress6", "IPv6 destination addr", CL_V_IP6, CL_DEC, NULL);
FIELD(f_encryptions, "ntp.priv.mode7.encryptions", "Encryptions", CL_V_UINT, CL_DEC, NULL);
FIELD(f_errcnt, "ntp.priv.mode7.errcnt", "errcnt", CL_V_INT, CL_DEC, NULL);
FIELD(f_errors, "ntp.priv.mode7.errors", "Errors", CL_V_UINT, CL_DEC, NULL);
FIELD(f_estbdelay, "ntp.priv.mode7.estbdelay", "Estbdelay", CL_V_INT, CL_DEC, NULL);
FIELD(f_esterror, "ntp.priv.mode7.esterror", "Est error", CL_V_INT, CL_DEC, NULL);
FIELD(f_expired, "ntp.priv.mode7.expired", "Expired", CL_V_UINT, CL_DEC, NULL);
FIELD(f_family, "ntp.priv.mode7.family", "Address family", CL_V_UINT, CL_DEC, NULL);
FIELD(f_filtdelay, "ntp.priv.mode7.filtdelay", "Filt delay", CL_V_INT, CL_DEC, NULL);
FIELD(f_filtoffset, "ntp.priv.mode7.filtoffset", "Filt offset", CL_V_INT, CL_DEC, NULL);
FIELD(f_findpeer_calls, "ntp.priv.mode7.findpeer_calls", "Find peer calls", CL_V_UINT, CL_DEC, NULL);
FIELD(f_flash, "ntp.priv.mode7.flash", "Flash", CL_V_UINT, CL_DEC, NULL);
FIELD(f_flash2, "ntp.priv.mode7.flash2", "Flash new", CL_V_UINT, CL_DEC, NULL);
FIELD(f_fragments, "ntp.priv.mode7.fragments", "Fragments", CL_V_UINT, CL_DEC, NULL);
FIELD(f_freemem, "ntp.priv.mode7.freemem", "Free memory", CL_V_UINT, CL_DEC, NULL);
FIELD(f_freerecvbufs, "ntp.priv.mode7.freerecvbufs", "Free receive buffer", CL_V_UINT, CL_DEC, NULL);
FIELD(f_freq, "ntp.priv.mode7.freq", "Freq", CL_V_INT, CL_DEC, NULL);
FIELD(f_fudgetime, "ntp.priv.mode7.fudgetime", "Fudgetime", CL_V_UINT, CL_DEC, NULL);
FIELD(f_fudgetime1, "ntp.priv.mode7.fudgetime1", "Fudge time 1", CL_V_UINT, CL_HEX64, NULL);
FIELD(f_fudgetime2, "ntp.priv.mode7.fudgetime2", "Fudge time 2", CL_V_UINT, CL_HEX64, NULL);
FIELD(f_fudgeval1, "ntp.priv.mode7.fudgeval1", "Fudge val 1", CL_V_INT, CL_DEC, NULL);
FIELD(f_fudgeval2, "ntp.priv.mode7.fudgeval2", "Fudge val 2", CL_V_UINT, CL_DEC, NULL);
FIELD(f_fudgeval_flags, "ntp.priv.mode7.fudgeval_flags", "Fudgeval flags", CL_V_UINT, CL_DEC, NULL);
FIELD(f_fullrecvbufs, "ntp.priv.mode7.fullrecvbufs", "Full receive buffer", CL_V_UINT, CL_DEC, NULL);
FIELD(f_hashcount, "ntp.priv.mode7.hashcount", "Hashcount", CL_V_BYTES, CL_DEC, NULL);
FIELD(f_hmode, "ntp.priv.mode7.hmode", "HMode", CL_V_UINT, CL_DEC, cl_ntp_mode_name);
FIELD(f_hostname, "ntp.priv.mode7.hostname", "Host name", CL_V_TEXT, CL_DEC, NULL);
FIELD(f_hpoll, "ntp.priv.mode7.hpoll", "Host polling interval", CL_V_INT, CL_DEC, NULL);
FIELD(f_ifindex, "ntp.priv.mode7.ifindex", "Ifindex", CL_V_UINT, CL_DEC, NULL);
FIELD(f_ifnum, "ntp.priv.mode7.ifnum", "Ifnum", CL_V_UINT, CL_DEC, NULL);
FIELD(f_ignore_pkts, "ntp.priv.mode7.ignore_pkts", "Ignore packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_ignored, "ntp.priv.mode7.ignored", "Ignored packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_input_errors, "ntp.priv.mode7.input_errors", "Errors on input", CL_V_UINT, CL_DEC, NULL);
FIELD(f_input_fragments, "ntp.priv.mode7.input_fragments", "Fragments on input", CL_V_UINT, CL_DEC, NULL);
FIELD(f_input_responses, "ntp.priv.mode7.input_responses", "Responses on input", CL_V_UINT, CL_DEC, NULL);
FIELD(f_int_flags, "ntp.priv.mode7.int_flags", "Interface flags", CL_V_INT, CL_DEC, NULL);
FIELD(f_int_name, "ntp.priv.mode7.int_name", "Interface name", CL_V_TEXT, CL_DEC, NULL);
FIELD(f_int_received, "ntp.priv.mode7.int_received", "Received by interrupt handler", CL_V_UINT, CL_DEC,
      NULL);
FIELD(f_interrupts, "ntp.priv.mode7.interrupts", "Interrupts", CL_V_UINT, CL_DEC, NULL);
FIELD(f_ippeerlimit, "ntp.priv.mode7.ippeerlimit", "IP peer limit", CL_V_INT, CL_DEC, NULL);
FIELD(f_ipv6_flag, "ntp.priv.mode7.ipv6_flag", "IPv6 Flag", CL_V_UINT, CL_DEC, NULL);
FIELD(f_jitcnt, "ntp.priv.mode7.jitcnt", "jitcnt", CL_V_INT, CL_DEC, NULL);
FIELD(f_jitter, "ntp.priv.mode7.jitter", "jitter", CL_V_INT, CL_DEC, NULL);
FIELD(f_kernel_offset, "ntp.priv.mode7.kernel_offset", "Offset", CL_V_INT, CL_DEC, NULL);
FIELD(f_key, "ntp.priv.mode7.key", "Key", CL_V_UINT, CL_HEX64, NULL);
FIELD(f_key_file, "ntp.priv.mode7.key_file", "Key file name", CL_V_TEXT, CL_DEC, NULL);
FIELD(f_keylookups, "ntp.priv.mode7.keylookups", "Keylookups", CL_V_UINT, CL_DEC, NULL);
FIELD(f_keynotfound, "ntp.priv.mode7.keynotfound", "Key not found", CL_V_UINT, CL_DEC, NULL);
FIELD(f_keyuncached, "ntp.priv.mode7.keyuncached", "Key uncached", CL_V_UINT, CL_DEC, NULL);
FIELD(f_last_offset, "ntp.priv.mode7.last_offset", "Last offset", CL_V_INT, CL_DEC, NULL);
FIELD(f_last_ttl, "ntp.priv.mode7.last_ttl", "Last TTL specified", CL_V_INT, CL_DEC, NULL);
FIELD(f_lastevent, "ntp.priv.mode7.lastevent", "Last event", CL_V_UINT, CL_DEC, NULL);
FIELD(f_leap, "ntp.priv.mode7.leap", "Leap", CL_V_UINT, CL_DEC, NULL);
FIELD(f_limitrejected, "ntp.priv.mode7.limitrejected", "Limit rejected", CL_V_UINT, CL_DEC, NULL);
FIELD(f_local_address, "ntp.priv.mode7.local_address", "Local address", CL_V_IP4, CL_DEC, NULL);
FIELD(f_local_address6, "ntp.priv.mode7.local_address6", "IPv6 local addr", CL_V_IP6, CL_DEC, NULL);
FIELD(f_lowwater, "ntp.priv.mode7.lowwater", "Low water", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mask, "ntp.priv.mode7.mask", "Mask", CL_V_IP4, CL_DEC, NULL);
FIELD(f_mask6, "ntp.priv.mode7.mask6", "IPv6 mask", CL_V_IP6, CL_DEC, NULL);
FIELD(f_maxerror, "ntp.priv.mode7.maxerror", "Max error", CL_V_INT, CL_DEC, NULL);
FIELD(f_maxpoll, "ntp.priv.mode7.maxpoll", "Maxpoll", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mflags, "ntp.priv.mode7.mflags", "Mflags", CL_V_UINT, CL_DEC, NULL);
FIELD(f_minpoll, "ntp.priv.mode7.minpoll", "Minpoll", CL_V_UINT, CL_DEC, NULL);
FIELD(f_newversion, "ntp.priv.mode7.newversion", "New version", CL_V_UINT, CL_DEC, NULL);
FIELD(f_noresponse, "ntp.priv.mode7.noresponse", "Noresponse", CL_V_UINT, CL_DEC, NULL);
FIELD(f_notsent, "ntp.priv.mode7.notsent", "Not sent packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_ntimes, "ntp.priv.mode7.ntimes", "Ntimes", CL_V_UINT, CL_DEC, NULL);
FIELD(f_num_mcast, "ntp.priv.mode7.num_mcast", "Number of multicast sockets", CL_V_INT, CL_DEC, NULL);
FIELD(f_numfreekeys, "ntp.priv.mode7.numfreekeys", "Num free keys", CL_V_UINT, CL_DEC, NULL);
FIELD(f_numkeys, "ntp.priv.mode7.numkeys", "Num keys", CL_V_UINT, CL_DEC, NULL);
FIELD(f_nvalues, "ntp.priv.mode7.nvalues", "Nvalues", CL_V_UINT, CL_DEC, NULL);
FIELD(f_offset, "ntp.priv.mode7.offset", "Offset", CL_V_UINT, CL_DEC, NULL);
FIELD(f_oldpkt, "ntp.priv.mode7.oldpkt", "Old packet", CL_V_UINT, CL_DEC, NULL);
FIELD(f_oldversion, "ntp.priv.mode7.oldversion", "Old version", CL_V_UINT, CL_DEC, NULL);
FIELD(f_order, "ntp.priv.mode7.order", "Order", CL_V_UINT, CL_DEC, NULL);
FIELD(f_origtime, "ntp.priv.mode7.origtime", "Trap originally time", CL_V_UINT, CL_DEC, NULL);
FIELD(f_overflows, "ntp.priv.mode7.overflows", "Overflows", CL_V_UINT, CL_DEC, NULL);
FIELD(f_peer_flags, "ntp.priv.mode7.peer.flags", "Flags", CL_V_UINT, CL_HEX8, NULL);
FIELD(f_peer_flags_authenable, "ntp.priv.mode7.peer.flags.authenable", "Auth enable", CL_V_BOOL, CL_DEC,
      NULL);
FIELD(f_peer_flags_burst, "ntp.priv.mode7.peer.flags.burst", "Burst", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_peer_flags_config, "ntp.priv.mode7.peer.flags.config", "Config", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_peer_flags_prefer, "ntp.priv.mode7.peer.flags.prefer", "Prefer", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_peer_flags_refclock, "ntp.priv.mode7.peer.flags.refclock", "Refclock", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_peer_flags_sel_candidate, "ntp.priv.mode7.peer.flags.sel_candidate", "Sel Candidate", CL_V_BOOL,
      CL_DEC, NULL);
FIELD(f_peer_flags_shortlist, "ntp.priv.mode7.peer.flags.shortlist", "Shortlist", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_peer_flags_syspeer, "ntp.priv.mode7.peer.flags.syspeer", "Syspeer", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_peercnt, "ntp.priv.mode7.peercnt", "Peer count", CL_V_UINT, CL_DEC, NULL);
FIELD(f_pkeyid, "ntp.priv.mode7.pkeyid", "Peer Key ID", CL_V_UINT, CL_DEC, NULL);
FIELD(f_pmode, "ntp.priv.mode7.pmode", "Peer mode", CL_V_UINT, CL_DEC, cl_ntp_mode_name);
FIELD(f_poll, "ntp.priv.mode7.poll", "Poll", CL_V_UINT, CL_DEC, NULL);
FIELD(f_polls, "ntp.priv.mode7.polls", "Polls", CL_V_UINT, CL_DEC, NULL);
FIELD(f_port, "ntp.priv.mode7.port", "Port", CL_V_UINT, CL_DEC, NULL);
FIELD(f_ppsfreq, "ntp.priv.mode7.ppsfreq", "ppsfreq", CL_V_INT, CL_DEC, NULL);
FIELD(f_precision, "ntp.priv.mode7.precision", "Precision", CL_V_INT, CL_DEC, NULL);
FIELD(f_processed, "ntp.priv.mode7.processed", "Processed", CL_V_UINT, CL_DEC, NULL);
FIELD(f_reach, "ntp.priv.mode7.reach", "Reach", CL_V_UINT, CL_DEC, NULL);
FIELD(f_received, "ntp.priv.mode7.received", "Received packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_requests, "ntp.priv.mode7.requests", "Requests", CL_V_UINT, CL_DEC, NULL);
FIELD(f_reset_stats_flags, "ntp.priv.mode7.reset_stats.flags", "Flags", CL_V_UINT, CL_HEX32, NULL);
FIELD(f_reset_stats_flags_allpeers, "ntp.priv.mode7.reset_stats.flags.allpeers", "All Peers", CL_V_BOOL,
      CL_DEC, NULL);
FIELD(f_reset_stats_flags_auth, "ntp.priv.mode7.reset_stats.flags.auth", "Auth", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_reset_stats_flags_ctl, "ntp.priv.mode7.reset_stats.flags.ctl", "Ctl", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_reset_stats_flags_io, "ntp.priv.mode7.reset_stats.flags.io", "IO", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_reset_stats_flags_mem, "ntp.priv.mode7.reset_stats.flags.mem", "Mem", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_reset_stats_flags_sys, "ntp.priv.mode7.reset_stats.flags.sys", "Sys", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_reset_stats_flags_timer, "ntp.priv.mode7.reset_stats.flags.timer", "Timer", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_resets, "ntp.priv.mode7.resets", "Resets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_responses, "ntp.priv.mode7.responses", "Responses", CL_V_UINT, CL_DEC, NULL);
FIELD(f_restrict_flags, "ntp.priv.mode7.restrict_flags", "Restrict flags", CL_V_UINT, CL_DEC, NULL);
FIELD(f_rflags, "ntp.priv.mode7.rflags", "Rflags", CL_V_UINT, CL_DEC, NULL);
FIELD(f_scopeid, "ntp.priv.mode7.scopeid", "Scopeid", CL_V_UINT, CL_DEC, NULL);
FIELD(f_selbroken, "ntp.priv.mode7.selbroken", "Bad reference time", CL_V_UINT, CL_DEC, NULL);
FIELD(f_seldisp, "ntp.priv.mode7.seldisp", "Bad dispersion", CL_V_UINT, CL_DEC, NULL);
FIELD(f_selectdis, "ntp.priv.mode7.selectdis", "Selectdis", CL_V_UINT, CL_DEC, NULL);
FIELD(f_sent, "ntp.priv.mode7.sent", "Sent", CL_V_UINT, CL_DEC, NULL);
FIELD(f_sequence, "ntp.priv.mode7.sequence", "Sequence number", CL_V_UINT, CL_DEC, NULL);
FIELD(f_settime, "ntp.priv.mode7.settime", "Trap set time", CL_V_UINT, CL_DEC, NULL);
FIELD(f_shift, "ntp.priv.mode7.shift", "Shift", CL_V_UINT, CL_DEC, NULL);
FIELD(f_srcaddress, "ntp.priv.mode7.srcaddress", "Source address", CL_V_IP4, CL_DEC, NULL);
FIELD(f_srcaddress6, "ntp.priv.mode7.srcaddress6", "IPv6 source addr", CL_V_IP6, CL_DEC, NULL);
FIELD(f_srcport, "ntp.priv.mode7.srcport", "Source port", CL_V_UINT, CL_DEC, NULL);
FIELD(f_stabil, "ntp.priv.mode7.stabil", "stabil", CL_V_INT, CL_DEC, NULL);
FIELD(f_stability, "ntp.priv.mode7.stability", "Stability (ppm)", CL_V_UINT, CL_DEC, NULL);
FIELD(f_status, "ntp.priv.mode7.status", "Status", CL_V_UINT, CL_DEC, NULL);
FIELD(f_stbcnt, "ntp.priv.mode7.stbcnt", "stbcnt", CL_V_INT, CL_DEC, NULL);
FIELD(f_stimes, "ntp.priv.mode7.stimes", "Stimes", CL_V_UINT, CL_DEC, NULL);
FIELD(f_svalues, "ntp.priv.mode7.svalues", "Svalues", CL_V_UINT, CL_DEC, NULL);
FIELD(f_sys_flags, "ntp.priv.mode7.sys.flags", "Flags", CL_V_UINT, CL_HEX32, NULL);
FIELD(f_sys_flags_auth, "ntp.priv.mode7.sys.flags.auth", "Auth", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags_bclient, "ntp.priv.mode7.sys.flags.bclient", "Bclient", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags_cal, "ntp.priv.mode7.sys.flags.cal", "Cal", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags_filegen, "ntp.priv.mode7.sys.flags.filegen", "Filegen", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags_kernel, "ntp.priv.mode7.sys.flags.kernel", "Kernel", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags_monitor, "ntp.priv.mode7.sys.flags.monitor", "Monitor", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags_ntp, "ntp.priv.mode7.sys.flags.ntp", "NTP", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags_pps, "ntp.priv.mode7.sys.flags.pps", "PPS", CL_V_BOOL, CL_DEC, NULL);
FIELD(f_sys_flags8, "ntp.priv.mode7.sys.flags8", "Flags", CL_V_UINT, CL_HEX8, NULL);
FIELD(f_timer, "ntp.priv.mode7.timer", "Timer", CL_V_UINT, CL_DEC, NULL);
FIELD(f_timereachable, "ntp.priv.mode7.timereachable", "Time reachable", CL_V_UINT, CL_DEC, NULL);
FIELD(f_timereceived, "ntp.priv.mode7.timereceived", "Time received", CL_V_UINT, CL_DEC, NULL);
FIELD(f_timereset, "ntp.priv.mode7.timereset", "Time reset", CL_V_UINT, CL_DEC, NULL);
FIELD(f_times, "ntp.priv.mode7.times", "Times", CL_V_BYTES, CL_DEC, NULL);
FIELD(f_timestarted, "ntp.priv.mode7.timestarted", "Time started", CL_V_UINT, CL_DEC, NULL);
FIELD(f_timetosend, "ntp.priv.mode7.timetosend", "Time to send", CL_V_UINT, CL_DEC, NULL);
FIELD(f_timeup, "ntp.priv.mode7.timeup", "Time up", CL_V_UINT, CL_DEC, NULL);
FIELD(f_tolerance, "ntp.priv.mode7.tolerance", "tolerance", CL_V_INT, CL_DEC, NULL);
FIELD(f_too_short, "ntp.priv.mode7.too_short", "Too short packets", CL_V_UINT, CL_DEC, NULL);
FIELD(f_totalmem, "ntp.priv.mode7.totalmem", "Total memory", CL_V_UINT, CL_DEC, NULL);
FIELD(f_totalrecvbufs, "ntp.priv.mode7.totalrecvbufs", "Total receive buffers", CL_V_UINT, CL_DEC, NULL);
FIELD(f_trap_address, "ntp.priv.mode7.trap_address", "Trap address", CL_V_IP4, CL_DEC, NULL);
FIELD(f_trap_address6, "ntp.priv.mode7.trap_address6", "IPv6 trap addr", CL_V_IP6, CL_DEC, NULL);
FIELD(f_trap_port, "ntp.priv.mode7.trap_port", "Trap port", CL_V_UINT, CL_DEC, NULL);
FIELD(f_ttl, "ntp.priv.mode7.ttl", "TTL", CL_V_UINT, CL_DEC, NULL);
FIELD(f_type, "ntp.priv.mode7.type", "Type", CL_V_UINT, CL_DEC, NULL);
FIELD(f_unreach, "ntp.priv.mode7.unreach", "Unreach", CL_V_UINT, CL_DEC, NULL);
FIELD(f_unused, "ntp.priv.mode7.unused", "Unused", CL_V_BYTES, CL_DEC, NULL);
FIELD(f_uptime, "ntp.priv.mode7.uptime", "Uptime", CL_V_INT, CL_DEC, NULL);
FIELD(f_values, "ntp.priv.mode7.values", "Values", CL_V_BYTES, CL_DEC, NULL);
FIELD(f_version, "ntp.priv.mode7.version", "Version", CL_V_UINT, CL_DEC, NULL);
FIELD(f_watchdog_timer, "ntp.priv.mode7.watchdog_timer", "Watchdog timer", CL_V_UINT, CL_DEC, NULL);
FIELD(f_which, "ntp.priv.mode7.which", "Which", CL_V_UINT, CL_DEC, NULL);
FIELD(f_xmtcalls, "ntp.priv.mode7.xmtcalls", "Transmitted calls", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mon_addr6, "ntp.priv.monlist.addr6", "ipv6 remote addr", CL_V_IP6, CL_DEC, NULL);
FIELD(f_mon_avgint, "ntp.priv.monlist.avgint", "avgint", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mon_count, "ntp.priv.monlist.count", "count", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mon_daddr6, "ntp.priv.monlist.daddr6", "ipv6 local addr", CL_V_IP6, CL_DEC, NULL);
FIELD(f_mon_flags, "ntp.priv.monlist.flags", "flags", CL_V_UINT, CL_HEX32, NULL);
FIELD(f_mon_ipv6, "ntp.priv.monlist.ipv6", "ipv6", CL_V_UINT, CL_HEX32, NULL);
FIELD(f_mon_local_address, "ntp.priv.monlist.local_address", "local address", CL_V_IP4, CL_DEC, NULL);
FIELD(f_mon_lsint, "ntp.priv.monlist.lsint", "lsint", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mon_mode, "ntp.priv.monlist.mode", "mode", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mon_port, "ntp.priv.monlist.port", "port", CL_V_UINT, CL_DEC, NULL);
FIELD(f_mon_remote_address, "ntp.priv.monlist.remote_address", "remote address", CL_V_IP4, CL_DEC, NULL);
FIELD(f_mon_restr, "ntp.priv.monlist.restr", "restr", CL_V_UINT, CL_HEX32, NULL);
FIELD(f_mon_unused, "ntp.priv.monlist.unused", "unused", CL_V_UINT, CL_HEX32, NULL);
FIELD(f_mon_version, "ntp.priv.monlist.version", "version", CL_V_UINT, CL_DEC, NULL);
FIELD(f_traps_flags, "ntp.priv.traps.flags", "Flags", CL_V_UINT, CL_HEX32, NULL);

static const struct cl_ntp_item_row r_peer_list[] = {
	{ &f_address, 0, 4, 0 },
	{ &f_port, 4, 2, 0 },
	{ &f_hmode, 6, 1, 0 },
	{ &f_peer_flags, 7, 1, 0 },
	{ &f_peer_flags_config, 7, 1, 0x1 },
	{ &f_peer_flags_syspeer, 7, 1, 0x2 },
	{ &f_peer_flags_burst, 7, 1, 0x4 },
	{ &f_peer_flags_refclock, 7, 1, 0x8 },
	{ &f_peer_flags_prefer, 7, 1, 0x10 },
	{ &f_peer_flags_authenable, 7, 1, 0x20 },
	{ &f_peer_flags_sel_candidate, 7, 1, 0x40 },
	{ &f_peer_flags_shortlist, 7, 1, 0x80 },
	{ &f_ipv6_flag, 8, 4, 0 },
	{ &f_unused, 12, 4, 0 },
	{ &f_address6, 16, 16, 0 },
};
static const struct cl_ntp_item_row r_peer_summary[] = {
	{ &f_dstaddress, 0, 4, 0 },
	{ &f_srcaddress, 4, 4, 0 },
	{ &f_srcport, 8, 2, 0 },
	{ &cl_ntp_first_rows[1].field, 10, 1, 0 },
	{ &f_hpoll, 11, 1, 0 },
	{ &cl_ntp_first_rows[2].field, 12, 1, 0 },
	{ &f_reach, 13, 1, 0 },
	{ &f_peer_flags, 14, 1, 0 },
	{ &f_peer_flags_config, 14, 1, 0x1 },
	{ &f_peer_flags_syspeer, 14, 1, 0x2 },
	{ &f_peer_flags_burst, 14, 1, 0x4 },
	{ &f_peer_flags_refclock, 14, 1, 0x8 },
	{ &f_peer_flags_prefer, 14, 1, 0x10 },
	{ &f_peer_flags_authenable, 14, 1, 0x20 },
	{ &f_peer_flags_sel_candidate, 14, 1, 0x40 },
	{ &f_peer_flags_shortlist, 14, 1, 0x80 },
	{ &f_hmode, 15, 1, 0 },
	{ &f_delay, 16, 4, 0 },
	{ &f_offset, 20, 8, 0 },
	{ &f_dispersion, 28, 4, 0 },
	{ &f_ipv6_flag, 32, 4, 0 },
	{ &f_unused, 36, 4, 0 },
	{ &f_dstaddress6, 40, 16, 0 },
	{ &f_srcaddress6, 56, 16, 0 },
};
static const struct cl_ntp_item_row r_peer_info[] = {
	{ &f_dstaddress, 0, 4, 0 },
	{ &f_srcaddress, 4, 4, 0 },
	{ &f_srcport, 8, 2, 0 },
	{ &f_peer_flags, 10, 1, 0 },
	{ &f_peer_flags_config, 10, 1, 0x1 },
	{ &f_peer_flags_syspeer, 10, 1, 0x2 },
	{ &f_peer_flags_burst, 10, 1, 0x4 },
	{ &f_peer_flags_refclock, 10, 1, 0x8 },
	{ &f_peer_flags_prefer, 10, 1, 0x10 },
	{ &f_peer_flags_authenable, 10, 1, 0x20 },
	{ &f_peer_flags_sel_candidate, 10, 1, 0x40 },
	{ &f_peer_flags_shortlist, 10, 1, 0x80 },
	{ &f_leap, 11, 1, 0 },
	{ &f_hmode, 12, 1, 0 },
	{ &f_pmode, 13, 1, 0 },
	{ &cl_ntp_first_rows[1].field, 14, 1, 0 },
	{ &cl_ntp_first_rows[2].field, 15, 1, 0 },
	{ &f_hpoll, 16, 1, 0 },
	{ &cl_ntp_first_rows[3].field, 17, 1, 0 },
	{ &f_version, 18, 1, 0 },
	{ &f_unused, 19, 1, 0 },
	{ &f_reach, 20, 1, 0 },
	{ &f_unreach, 21, 1, 0 },
	{ &f_flash, 22, 1, 0 },
	{ &f_ttl, 23, 1, 0 },
	{ &f_flash2, 24, 2, 0 },
	{ &f_associd, 26, 2, 0 },
	{ &cl_ntp_f_keyid, 28, 4, 0 },
	{ &f_pkeyid, 32, 4, 0 },
	{ &cl_ntp_refid_rows[0].field, 36, 4, 0 },
	{ &f_timer, 40, 4, 0 },
	{ &cl_ntp_root_rows[0].field, 44, 4, 0 },
	{ &cl_ntp_root_rows[1].field, 48, 4, 0 },
	{ &cl_ntp_refid_rows[1].field, 52, 8, 0 },
	{ &cl_ntp_refid_rows[2].field, 60, 8, 0 },
	{ &cl_ntp_stamp_rows[0].field, 68, 8, 0 },
	{ &cl_ntp_stamp_rows[1].field, 76, 8, 0 },
	{ &f_filtdelay, 84, 4, 0 },
	{ &f_filtdelay, 88, 4, 0 },
	{ &f_filtdelay, 92, 4, 0 },
	{ &f_filtdelay, 96, 4, 0 },
	{ &f_filtdelay, 100, 4, 0 },
	{ &f_filtdelay, 104, 4, 0 },
	{ &f_filtdelay, 108, 4, 0 },
	{ &f_filtdelay, 112, 4, 0 },
	{ &f_filtoffset, 116, 8, 0 },
	{ &f_filtoffset, 124, 8, 0 },
	{ &f_filtoffset, 132, 8, 0 },
	{ &f_filtoffset, 140, 8, 0 },
	{ &f_filtoffset, 148, 8, 0 },
	{ &f_filtoffset, 156, 8, 0 },
	{ &f_filtoffset, 164, 8, 0 },
	{ &f_filtoffset, 172, 8, 0 },
	{ &f_order, 180, 1, 0 },
	{ &f_order, 181, 1, 0 },
	{ &f_order, 182, 1, 0 },
	{ &f_order, 183, 1, 0 },
	{ &f_order, 184, 1, 0 },
	{ &f_order, 185, 1, 0 },
	{ &f_order, 186, 1, 0 },
	{ &f_order, 187, 1, 0 },
	{ &f_delay, 188, 4, 0 },
	{ &f_dispersion, 192, 4, 0 },
	{ &f_offset, 196, 8, 0 },
	{ &f_selectdis, 204, 4, 0 },
	{ &f_unused, 208, 4, 0 },
	{ &f_unused, 212, 4, 0 },
	{ &f_unused, 216, 4, 0 },
	{ &f_unused, 220, 4, 0 },
	{ &f_unused, 224, 4, 0 },
	{ &f_unused, 228, 4, 0 },
	{ &f_unused, 232, 4, 0 },
	{ &f_estbdelay, 236, 4, 0 },
	{ &f_ipv6_flag, 240, 4, 0 },
	{ &f_unused, 244, 4, 0 },
	{ &f_dstaddress6, 248, 16, 0 },
	{ &f_srcaddress6, 264, 16, 0 },
};
static const struct cl_ntp_item_row r_peer_stats[] = {
	{ &f_dstaddress, 0, 4, 0 },
	{ &f_srcaddress, 4, 4, 0 },
	{ &f_srcport, 8, 2, 0 },
	{ &f_peer_flags, 10, 2, 0xff },
	{ &f_peer_flags_config, 10, 2, 0x1 },
	{ &f_peer_flags_syspeer, 10, 2, 0x2 },
	{ &f_peer_flags_burst, 10, 2, 0x4 },
	{ &f_peer_flags_refclock, 10, 2, 0x8 },
	{ &f_peer_flags_prefer, 10, 2, 0x10 },
	{ &f_peer_flags_authenable, 10, 2, 0x20 },
	{ &f_peer_flags_sel_candidate, 10, 2, 0x40 },
	{ &f_peer_flags_shortlist, 10, 2, 0x80 },
	{ &f_timereset, 12, 4, 0 },
	{ &f_timereceived, 16, 4, 0 },
	{ &f_timetosend, 20, 4, 0 },
	{ &f_timereachable, 24, 4, 0 },
	{ &f_sent, 28, 4, 0 },
	{ &f_unused, 32, 4, 0 },
	{ &f_processed, 36, 4, 0 },
	{ &f_unused, 40, 4, 0 },
	{ &f_badauth, 44, 4, 0 },
	{ &f_bogusorg, 48, 4, 0 },
	{ &f_oldpkt, 52, 4, 0 },
	{ &f_unused, 56, 4, 0 },
	{ &f_unused, 60, 4, 0 },
	{ &f_seldisp, 64, 4, 0 },
	{ &f_selbroken, 68, 4, 0 },
	{ &f_unused, 72, 4, 0 },
	{ &f_candidate, 76, 1, 0 },
	{ &f_unused, 77, 1, 0 },
	{ &f_unused, 78, 1, 0 },
	{ &f_unused, 79, 1, 0 },
	{ &f_ipv6_flag, 80, 4, 0 },
	{ &f_unused, 84, 4, 0 },
	{ &f_dstaddress6, 88, 16, 0 },
	{ &f_srcaddress6, 104, 16, 0 },
};
static const struct cl_ntp_item_row r_sys_info[] = {
	{ &f_address, 0, 4, 0 },
	{ &f_pmode, 4, 1, 0 },
	{ &f_leap, 5, 1, 0 },
	{ &cl_ntp_first_rows[1].field, 6, 1, 0 },
	{ &cl_ntp_first_rows[3].field, 7, 1, 0 },
	{ &cl_ntp_root_rows[0].field, 8, 4, 0 },
	{ &cl_ntp_root_rows[1].field, 12, 4, 0 },
	{ &cl_ntp_refid_rows[0].field, 16, 4, 0 },
	{ &cl_ntp_refid_rows[1].field, 20, 8, 0 },
	{ &f_poll, 28, 4, 0 },
	{ &f_sys_flags8, 32, 1, 0 },
	{ &f_sys_flags_bclient, 32, 1, 0x1 },
	{ &f_sys_flags_auth, 32, 1, 0x2 },
	{ &f_sys_flags_ntp, 32, 1, 0x4 },
	{ &f_sys_flags_kernel, 32, 1, 0x8 },
	{ &f_sys_flags_cal, 32, 1, 0x10 },
	{ &f_sys_flags_pps, 32, 1, 0x20 },
	{ &f_sys_flags_monitor, 32, 1, 0x40 },
	{ &f_sys_flags_filegen, 32, 1, 0x80 },
	{ &f_unused, 33, 3, 0 },
	{ &f_bdelay, 36, 4, 0 },
	{ &f_freq, 40, 4, 0 },
	{ &f_authdelay, 44, 8, 0 },
	{ &f_stability, 52, 4, 0 },
	{ &f_ipv6_flag, 56, 4, 0 },
	{ &f_unused, 60, 4, 0 },
	{ &f_address6, 64, 16, 0 },
};
static const struct cl_ntp_item_row r_sys_stats[] = {
	{ &f_timeup, 0, 4, 0 },	       { &f_timereset, 4, 4, 0 },      { &f_denied, 8, 4, 0 },
	{ &f_oldversion, 12, 4, 0 },   { &f_newversion, 16, 4, 0 },    { &f_bad_version, 20, 4, 0 },
	{ &f_badlength, 24, 4, 0 },    { &f_processed, 28, 4, 0 },     { &f_badauth, 32, 4, 0 },
	{ &f_timereceived, 36, 4, 0 }, { &f_limitrejected, 40, 4, 0 }, { &f_lamport, 44, 4, 0 },
	{ &f_tsrounding, 48, 4, 0 },
};
static const struct cl_ntp_item_row r_io_stats[] = {
	{ &f_timereset, 0, 4, 0 },    { &f_totalrecvbufs, 4, 2, 0 }, { &f_freerecvbufs, 6, 2, 0 },
	{ &f_fullrecvbufs, 8, 2, 0 }, { &f_lowwater, 10, 2, 0 },     { &f_dropped, 12, 4, 0 },
	{ &f_ignored, 16, 4, 0 },     { &f_received, 20, 4, 0 },     { &f_sent, 24, 4, 0 },
	{ &f_notsent, 28, 4, 0 },     { &f_interrupts, 32, 4, 0 },   { &f_int_received, 36, 4, 0 },
};
static const struct cl_ntp_item_row r_mem_stats[] = {
	{ &f_timereset, 0, 4, 0 },	{ &f_totalmem, 4, 2, 0 },     { &f_freemem, 6, 2, 0 },
	{ &f_findpeer_calls, 8, 4, 0 }, { &f_allocations, 12, 4, 0 }, { &f_demobilizations, 16, 4, 0 },
	{ &f_hashcount, 20, 128, 0 },
};
static const struct cl_ntp_item_row r_loop_info[] = {
	{ &f_last_offset, 0, 8, 0 },
	{ &f_drift_comp, 8, 8, 0 },
	{ &f_compliance, 16, 4, 0 },
	{ &f_watchdog_timer, 20, 4, 0 },
};
static const struct cl_ntp_item_row r_timer_stats[] = {
	{ &f_timereset, 0, 4, 0 },
	{ &f_alarms, 4, 4, 0 },
	{ &f_overflows, 8, 4, 0 },
	{ &f_xmtcalls, 12, 4, 0 },
};
static const struct cl_ntp_item_row r_config[] = {
	{ &f_address, 0, 4, 0 },
	{ &f_hmode, 4, 1, 0 },
	{ &f_version, 5, 1, 0 },
	{ &f_minpoll, 6, 1, 0 },
	{ &f_maxpoll, 7, 1, 0 },
	{ &f_config_flags, 8, 1, 0 },
	{ &f_config_flags_authenable, 8, 1, 0x1 },
	{ &f_config_flags_prefer, 8, 1, 0x2 },
	{ &f_config_flags_burst, 8, 1, 0x4 },
	{ &f_config_flags_iburst, 8, 1, 0x8 },
	{ &f_config_flags_no_select, 8, 1, 0x10 },
	{ &f_config_flags_skey, 8, 1, 0x20 },
	{ &f_ttl, 9, 1, 0 },
	{ &f_unused, 10, 2, 0 },
	{ &cl_ntp_f_keyid, 12, 4, 0 },
	{ &f_key_file, 16, 128, 0 },
	{ &f_ipv6_flag, 144, 4, 0 },
	{ &f_unused, 148, 4, 0 },
	{ &f_address6, 152, 16, 0 },
};
static const struct cl_ntp_item_row r_unconfig[] = {
	{ &f_address, 0, 4, 0 },
	{ &f_ipv6_flag, 4, 4, 0 },
	{ &f_address6, 8, 16, 0 },
};
static const struct cl_ntp_item_row r_sys_flag[] = {
	{ &f_sys_flags, 0, 4, 0xff },	      { &f_sys_flags_bclient, 0, 4, 0x1 },
	{ &f_sys_flags_pps, 0, 4, 0x2 },      { &f_sys_flags_ntp, 0, 4, 0x4 },
	{ &f_sys_flags_kernel, 0, 4, 0x8 },   { &f_sys_flags_monitor, 0, 4, 0x10 },
	{ &f_sys_flags_filegen, 0, 4, 0x20 }, { &f_sys_flags_auth, 0, 4, 0x40 },
	{ &f_sys_flags_cal, 0, 4, 0x80 },
};
static const struct cl_ntp_item_row r_restrict_info[] = {
	{ &f_address, 0, 4, 0 }, { &f_mask, 4, 4, 0 },	     { &f_count, 8, 4, 0 },
	{ &f_rflags, 12, 2, 0 }, { &f_mflags, 14, 2, 0 },    { &f_ipv6_flag, 16, 4, 0 },
	{ &f_unused, 20, 4, 0 }, { &f_address6, 24, 16, 0 }, { &f_mask6, 40, 16, 0 },
};
static const struct cl_ntp_item_row r_restrict_old[] = {
	{ &f_address, 0, 4, 0 }, { &f_mask, 4, 4, 0 },	     { &f_restrict_flags, 8, 2, 0 },
	{ &f_mflags, 10, 2, 0 }, { &f_ipv6_flag, 12, 4, 0 }, { &f_address6, 16, 16, 0 },
	{ &f_mask6, 32, 16, 0 },
};
static const struct cl_ntp_item_row r_restrict[] = {
	{ &f_address, 0, 4, 0 },	 { &f_mask, 4, 4, 0 },	     { &f_ippeerlimit, 8, 2, 0 },
	{ &f_restrict_flags, 10, 2, 0 }, { &f_mflags, 12, 2, 0 },    { &f_unused, 14, 2, 0 },
	{ &f_ipv6_flag, 16, 4, 0 },	 { &f_address6, 20, 16, 0 }, { &f_mask6, 36, 16, 0 },
};
static const struct cl_ntp_item_row r_monlist[] = {
	{ &f_mon_avgint, 0, 4, 0 },  { &f_mon_lsint, 4, 4, 0 },		  { &f_mon_restr, 8, 4, 0 },
	{ &f_mon_count, 12, 4, 0 },  { &f_mon_remote_address, 16, 4, 0 }, { &f_mon_port, 20, 2, 0 },
	{ &f_mon_mode, 22, 1, 0 },   { &f_mon_version, 23, 1, 0 },	  { &f_mon_ipv6, 24, 4, 0 },
	{ &f_mon_unused, 28, 4, 0 }, { &f_mon_addr6, 32, 16, 0 },
};
static const struct cl_ntp_item_row r_monlist_1[] = {
	{ &f_mon_avgint, 0, 4, 0 },   { &f_mon_lsint, 4, 4, 0 },	   { &f_mon_restr, 8, 4, 0 },
	{ &f_mon_count, 12, 4, 0 },   { &f_mon_remote_address, 16, 4, 0 }, { &f_mon_local_address, 20, 4, 0 },
	{ &f_mon_flags, 24, 4, 0 },   { &f_mon_port, 28, 2, 0 },	   { &f_mon_mode, 30, 1, 0 },
	{ &f_mon_version, 31, 1, 0 }, { &f_mon_ipv6, 32, 4, 0 },	   { &f_mon_unused, 36, 4, 0 },
	{ &f_mon_addr6, 40, 16, 0 },  { &f_mon_daddr6, 56, 16, 0 },
};
static const struct cl_ntp_item_row r_reset_stats[] = {
	{ &f_reset_stats_flags, 0, 4, 0xff },	   { &f_reset_stats_flags_allpeers, 0, 4, 0x1 },
	{ &f_reset_stats_flags_io, 0, 4, 0x2 },	   { &f_reset_stats_flags_sys, 0, 4, 0x4 },
	{ &f_reset_stats_flags_mem, 0, 4, 0x8 },   { &f_reset_stats_flags_timer, 0, 4, 0x10 },
	{ &f_reset_stats_flags_auth, 0, 4, 0x20 }, { &f_reset_stats_flags_ctl, 0, 4, 0x40 },
};
static const struct cl_ntp_item_row r_key[] = {
	{ &f_key, 0, 4, 0 },
};
static const struct cl_ntp_item_row r_key_long[] = {
	{ &f_key, 0, 8, 0 },
};
static const struct cl_ntp_item_row r_keyid[] = {
	{ &cl_ntp_f_keyid, 0, 4, 0 },
};
static const struct cl_ntp_item_row r_auth_info[] = {
	{ &f_timereset, 0, 4, 0 },    { &f_numkeys, 4, 4, 0 },	    { &f_numfreekeys, 8, 4, 0 },
	{ &f_keylookups, 12, 4, 0 },  { &f_keynotfound, 16, 4, 0 }, { &f_encryptions, 20, 4, 0 },
	{ &f_decryptions, 24, 4, 0 }, { &f_expired, 28, 4, 0 },	    { &f_keyuncached, 32, 4, 0 },
};
static const struct cl_ntp_item_row r_traps[] = {
	{ &f_local_address, 0, 4, 0 },	  { &f_trap_address, 4, 4, 0 },	   { &f_trap_port, 8, 2, 0 },
	{ &f_sequence, 10, 2, 0 },	  { &f_settime, 12, 4, 0 },	   { &f_origtime, 16, 4, 0 },
	{ &f_resets, 20, 4, 0 },	  { &f_traps_flags, 24, 4, 0 },	   { &f_ipv6_flag, 28, 4, 0 },
	{ &f_local_address6, 32, 16, 0 }, { &f_trap_address6, 48, 16, 0 },
};
static const struct cl_ntp_item_row r_trap[] = {
	{ &f_local_address, 0, 4, 0 },	 { &f_trap_address, 4, 4, 0 }, { &f_trap_port, 8, 2, 0 },
	{ &f_unused, 10, 2, 0 },	 { &f_ipv6_flag, 12, 4, 0 },   { &f_local_address6, 16, 16, 0 },
	{ &f_trap_address6, 32, 16, 0 },
};
static const struct cl_ntp_item_row r_ctl_stats[] = {
	{ &f_timereset, 0, 4, 0 },	 { &f_requests, 4, 4, 0 },	   { &f_bad_packets, 8, 4, 0 },
	{ &f_responses, 12, 4, 0 },	 { &f_fragments, 16, 4, 0 },	   { &f_errors, 20, 4, 0 },
	{ &f_too_short, 24, 4, 0 },	 { &f_input_responses, 28, 4, 0 }, { &f_input_fragments, 32, 4, 0 },
	{ &f_input_errors, 36, 4, 0 },	 { &f_bad_offset, 40, 4, 0 },	   { &f_bad_version, 44, 4, 0 },
	{ &f_data_too_short, 48, 4, 0 }, { &f_badop, 52, 4, 0 },	   { &f_async_messages, 56, 4, 0 },
};
static const struct cl_ntp_item_row r_address[] = {
	{ &f_address, 0, 4, 0 },
};
static const struct cl_ntp_item_row r_clock_info[] = {
	{ &f_address, 0, 4, 0 },      { &f_type, 4, 1, 0 },	     { &f_clock_flags, 5, 1, 0 },
	{ &f_lastevent, 6, 1, 0 },    { &f_currentstatus, 7, 1, 0 }, { &f_polls, 8, 4, 0 },
	{ &f_noresponse, 12, 4, 0 },  { &f_badformat, 16, 4, 0 },    { &f_baddata, 20, 4, 0 },
	{ &f_timestarted, 24, 4, 0 }, { &f_fudgetime1, 28, 8, 0 },   { &f_fudgetime2, 36, 8, 0 },
	{ &f_fudgeval1, 44, 4, 0 },   { &f_fudgeval2, 48, 4, 0 },
};
static const struct cl_ntp_item_row r_fudge[] = {
	{ &f_address, 0, 4, 0 },
	{ &f_which, 4, 4, 0 },
	{ &f_fudgetime, 8, 8, 0 },
	{ &f_fudgeval_flags, 16, 4, 0 },
};
static const struct cl_ntp_item_row r_kernel[] = {
	{ &f_kernel_offset, 0, 4, 0 }, { &f_freq, 4, 4, 0 },	   { &f_maxerror, 8, 4, 0 },
	{ &f_esterror, 12, 4, 0 },     { &f_status, 16, 2, 0 },	   { &f_shift, 18, 2, 0 },
	{ &f_constant, 20, 4, 0 },     { &f_precision, 24, 4, 0 }, { &f_tolerance, 28, 4, 0 },
	{ &f_ppsfreq, 32, 4, 0 },      { &f_jitter, 36, 4, 0 },	   { &f_stabil, 40, 4, 0 },
	{ &f_jitcnt, 44, 4, 0 },       { &f_calcnt, 48, 4, 0 },	   { &f_errcnt, 52, 4, 0 },
	{ &f_stbcnt, 56, 4, 0 },
};
static const struct cl_ntp_item_row r_clock_bugs[] = {
	{ &f_address, 0, 4, 0 }, { &f_nvalues, 4, 1, 0 },  { &f_ntimes, 5, 1, 0 },   { &f_svalues, 6, 2, 0 },
	{ &f_stimes, 8, 4, 0 },	 { &f_values, 12, 64, 0 }, { &f_times, 76, 256, 0 },
};
static const struct cl_ntp_item_row r_hostname[] = {
	{ &f_address, 0, 4, 0 },
	{ &f_associd, 4, 2, 0 },
	{ &f_hostname, 6, 26, 0 },
};
static const struct cl_ntp_item_row r_interface[] = {
	{ &f_address6, 0, 16, 0 },  { &f_bcast6, 16, 16, 0 },	{ &f_mask6, 32, 16, 0 },
	{ &f_ipv6_flag, 48, 4, 0 }, { &f_int_name, 52, 32, 0 }, { &f_int_flags, 84, 4, 0 },
	{ &f_last_ttl, 88, 4, 0 },  { &f_num_mcast, 92, 4, 0 }, { &f_received, 96, 4, 0 },
	{ &f_sent, 100, 4, 0 },	    { &f_notsent, 104, 4, 0 },	{ &f_uptime, 108, 4, 0 },
	{ &f_scopeid, 112, 4, 0 },  { &f_ifindex, 116, 4, 0 },	{ &f_ifnum, 120, 4, 0 },
	{ &f_peercnt, 124, 4, 0 },  { &f_family, 128, 2, 0 },	{ &f_ignore_pkts, 130, 1, 0 },
	{ &f_action, 131, 1, 0 },   { &f_unused, 132, 4, 0 },
};
static const struct cl_ntp_item_row r_interface_4[] = {
	{ &f_address, 0, 4, 0 },    { &f_bcast, 16, 4, 0 },	{ &f_mask, 32, 4, 0 },
	{ &f_ipv6_flag, 48, 4, 0 }, { &f_int_name, 52, 32, 0 }, { &f_int_flags, 84, 4, 0 },
	{ &f_last_ttl, 88, 4, 0 },  { &f_num_mcast, 92, 4, 0 }, { &f_received, 96, 4, 0 },
	{ &f_sent, 100, 4, 0 },	    { &f_notsent, 104, 4, 0 },	{ &f_uptime, 108, 4, 0 },
	{ &f_scopeid, 112, 4, 0 },  { &f_ifindex, 116, 4, 0 },	{ &f_ifnum, 120, 4, 0 },
	{ &f_peercnt, 124, 4, 0 },  { &f_family, 128, 2, 0 },	{ &f_ignore_pkts, 130, 1, 0 },
	{ &f_action, 131, 1, 0 },   { &f_unused, 132, 4, 0 },
};

const struct cl_ntp_item cl_ntp_items[] = {
	{ 0, true, 0, 0, { 8, 32 }, r_peer_list, COUNT(r_peer_list) },
	{ 1, true, 0, 0, { 32, 72 }, r_peer_summary, COUNT(r_peer_summary) },
	{ 2, false, 0, 0, { 8, 32 }, r_peer_list, COUNT(r_peer_list) },
	{ 2, true, 0, 0, { 240, 280 }, r_peer_info, COUNT(r_peer_info) },
	{ 3, false, 0, 0, { 8, 32 }, r_peer_list, COUNT(r_peer_list) },
	{ 3, true, 0, 0, { 80, 120 }, r_peer_stats, COUNT(r_peer_stats) },
	{ 4, true, 0, 0, { 56, 80 }, r_sys_info, COUNT(r_sys_info) },
	{ 5, true, 0, 0, { 40, 44, 52 }, r_sys_stats, COUNT(r_sys_stats) },
	{ 6, true, 0, 0, { 40 }, r_io_stats, COUNT(r_io_stats) },
	{ 7, true, 0, 0, { 148 }, r_mem_stats, COUNT(r_mem_stats) },
	{ 8, true, 0, 0, { 24 }, r_loop_info, COUNT(r_loop_info) },
	{ 9, true, 0, 0, { 16 }, r_timer_stats, COUNT(r_timer_stats) },
	{ 10, false, 0, 0, { 16, 144, 168 }, r_config, COUNT(r_config) },
	{ 11, false, 0, 0, { 4, 24 }, r_unconfig, COUNT(r_unconfig) },
	{ 12, false, 0, 0, { 4 }, r_sys_flag, COUNT(r_sys_flag) },
	{ 13, false, 0, 0, { 4 }, r_sys_flag, COUNT(r_sys_flag) },
	{ 16, true, 0, 0, { 16, 56 }, r_restrict_info, COUNT(r_restrict_info) },
	{ 17, false, 0, 0, { 12, 48 }, r_restrict_old, COUNT(r_restrict_old) },
	{ 17, false, 0, 0, { 16, 52 }, r_restrict, COUNT(r_restrict) },
	{ 18, false, 0, 0, { 12, 48 }, r_restrict_old, COUNT(r_restrict_old) },
	{ 18, false, 0, 0, { 16, 52 }, r_restrict, COUNT(r_restrict) },
	{ 19, false, 0, 0, { 12, 48 }, r_restrict_old, COUNT(r_restrict_old) },
	{ 19, false, 0, 0, { 16, 52 }, r_restrict, COUNT(r_restrict) },
	{ 20, true, 24, 4, { 24, 48 }, r_monlist, COUNT(r_monlist) - 1 },
	{ 20, true, 24, 6, { 48 }, r_monlist, COUNT(r_monlist) },
	{ 21, false, 0, 0, { 4 }, r_reset_stats, COUNT(r_reset_stats) },
	{ 22, false, 0, 0, { 4, 24 }, r_unconfig, COUNT(r_unconfig) },
	{ 26, false, 0, 0, { 4 }, r_key, COUNT(r_key) },
	{ 26, false, 0, 0, { 8 }, r_key_long, COUNT(r_key_long) },
	{ 27, false, 0, 0, { 4 }, r_key, COUNT(r_key) },
	{ 27, false, 0, 0, { 8 }, r_key_long, COUNT(r_key_long) },
	{ 28, true, 0, 0, { 36 }, r_auth_info, COUNT(r_auth_info) },
	{ 29, true, 0, 0, { 28, 64 }, r_traps, COUNT(r_traps) },
	{ 30, false, 0, 0, { 12, 48 }, r_trap, COUNT(r_trap) },
	{ 31, false, 0, 0, { 12, 48 }, r_trap, COUNT(r_trap) },
	{ 32, false, 0, 0, { 4 }, r_keyid, COUNT(r_keyid) },
	{ 33, false, 0, 0, { 4 }, r_keyid, COUNT(r_keyid) },
	{ 34, true, 0, 0, { 60 }, r_ctl_stats, COUNT(r_ctl_stats) },
	{ 36, false, 0, 0, { 4 }, r_address, COUNT(r_address) },
	{ 36, true, 0, 0, { 52 }, r_clock_info, COUNT(r_clock_info) },
	{ 37, false, 0, 0, { 20 }, r_fudge, COUNT(r_fudge) },
	{ 38, true, 0, 0, { 60 }, r_kernel, COUNT(r_kernel) },
	{ 39, false, 0, 0, { 4 }, r_address, COUNT(r_address) },
	{ 39, true, 0, 0, { 332 }, r_clock_bugs, COUNT(r_clock_bugs) },
	{ 42, true, 32, 4, { 32, 72 }, r_monlist_1, COUNT(r_monlist_1) - 2 },
	{ 42, true, 32, 6, { 72 }, r_monlist_1, COUNT(r_monlist_1) },
	{ 43, true, 0, 0, { 32 }, r_hostname, COUNT(r_hostname) },
	{ 44, true, 48, 4, { 136 }, r_interface_4, COUNT(r_interface_4) },
	{ 44, true, 48, 6, { 136 }, r_interface, COUNT(r_interface) },
	{ 45, true, 48, 4, { 136 }, r_interface_4, COUNT(r_interface_4) },
	{ 45, true, 48, 6, { 136 }, r_interface, COUNT(r_interface) },
};
const size_t cl_ntp_item_count = COUNT(cl_ntp_items);
