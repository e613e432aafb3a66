/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/plot/plot.h"
#include "cli/serve/page.h"

void cl_page_style(FILE *out)
{
	static const char light[] =
		"--paper:#fff;--text:#1b1f24;--faint:#57606a;--line:#dfe3e8;--link:#0b5cb8;"
		"--card:#f6f8fa";
	static const char dark[] = "--paper:#14181d;--text:#e6e9ed;--faint:#9aa4af;--line:#2b323a;"
				   "--link:#7cb8ff;--card:#1b2027";

	fprintf(out, ":root{%s;color-scheme:light dark}\n@media (prefers-color-scheme:dark){:root{%s}}\n",
		light, dark);
	fputs("*{box-sizing:border-box}\n"
	      "body{margin:0 auto;padding:16px;max-width:1400px;background:var(--paper);color:var(--text);"
	      "font:16px/1.5 system-ui,sans-serif}\n"
	      "h1{font-size:1.6rem;line-height:1.25;margin:.3rem 0}\n"
	      "header p{margin:.3rem 0;color:var(--faint)}\n"
	      "a{color:var(--link)}a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px "
	      "solid var(--link);outline-offset:2px}\n"
	      ".links a{margin-right:1.2em;white-space:nowrap}\n"
	      ".servers{list-style:none;margin:.5rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem "
	      "1.2rem;"
	      "overflow-wrap:anywhere}\n"
	      "section{margin:2rem 0;display:grid;grid-template-columns:minmax(0,1fr);gap:.6rem 2rem}\n"
	      "h2{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:"
	      "nowrap}\n"
	      "section>p{margin:0}section:has(>p) h2{position:static;width:auto;height:auto;clip-path:none;"
	      "font-size:1.1rem;margin:0}\n"
	      ".plot{min-width:0}svg.cl-plot{margin:0}\n"
	      ".beside{min-width:0;align-self:start}\n"
	      ".scroll{overflow-x:auto}details .scroll{max-height:24rem;overflow-y:auto}\n"
	      "table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}\n"
	      "caption,.caption{text-align:left;color:var(--faint);padding:.2rem 0;margin:0}\n"
	      "th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:"
	      "nowrap}\n"
	      "th:first-child,td:first-child{text-align:left;padding-left:0}th{font-weight:600}\n"
	      "thead th{color:var(--faint);font-weight:500;vertical-align:bottom}\n"
	      ".now{width:auto;min-width:min(100%,640px)}.now td{font-size:1.2rem}\n"
	      ".now thead th{white-space:normal;min-width:5.5em}\n"
	      "details{margin-top:.6rem}summary{cursor:pointer;color:var(--link)}\n"
	      "details thead th{position:sticky;top:0;background:var(--paper)}\n"
	      "footer{margin-top:2.5rem;border-top:1px solid var(--line);color:var(--faint);font-size:.9rem;"
	      "max-width:70em}\n"
	      "@media (min-width:1000px){section{grid-template-columns:minmax(0,2fr) minmax(20rem,1fr)}"
	      "section>h2,section>p{grid-column:1/-1}.beside{padding-top:2.6rem}}\n"
	      "@media print{details,.links,nav{display:none}}\n",
	      out);
	cl_svg_style(out);
}

void cl_page_icon(FILE *out)
{
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><rect width=\"16\" "
	      "height=\"16\" "
	      "rx=\"3\" fill=\"#0b62c4\"/><path d=\"M3 12V8M6.3 12V4M9.7 12V6M13 12V9\" stroke=\"#fff\" "
	      "stroke-width=\"2\"/></svg>\n",
	      out);
}
