#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Databases that somebody else wrote, or a disk spoiled: every command has to survive them.

hostile.py CLIENTELE GOOD.db [--more PCAP] [--seed N] [--values N] [--pages N] [--every]

Each case is a copy of GOOD.db with something wrong in it, made from its number and the seed alone:
  --values N  one to three columns of tables hold what no release wrote
  --pages N   octets of the file, of a journal or of a write-ahead log beside it are not what they were
  --every     each of the values in each column of each table (hours with sanitizers)
Every command that reads a database (--commands N: so many of them, others in each case) then has to end by itself
within --limit seconds, with 0 or 1, or with 2 and a line that says why; a sanitizer's report is 99. One line for each
failure on standard output; --case NAME runs one again and keeps its database.
"""
import argparse
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

VIEWS = ("summary clients delta icmp dns tunnels server query nts mode6 pool peaks atlas load clocks software").split()
BIG = 2 ** 63 - 1
VALUES = [
    BIG, -BIG - 1, -BIG, BIG - 1, 2 ** 62, -2 ** 62, 2 ** 53, 2 ** 33, 2 ** 32, 2 ** 32 - 1, 2 ** 31, -2 ** 31 - 1,
    9223372036, 9223372037, -9223372037, 106751, 106752, -106753, 10 ** 15, 65536, 255, 64, 7, 2, 1, 0, -1, -2, None,
    "", "text", "-1", "9" * 30, "\x1b[31m<s>\"&'%s%n", "a" * 70000, "1,2,3", "ntp", "dns", "server", "all", "month", "day",
    b"", b"\0", b"\0" * 3, b"\xff" * 4, b"\0" * 15, b"\xff" * 16, bytes(range(17)), b"\xff" * 70000,
    b"\xc3\x28\xff".decode("latin-1"), 0.5, -0.5, 1e18, 1e19, 1e300, -1e300, float("inf"), float("-inf"),
]


def commands(work, database, more):
    """All that reads a database."""
    made = os.path.join(work, "made")
    for view in VIEWS:
        yield [view, "--format", "table", database]
        yield [view, "--format", "json", database]
        yield [view, "--format", "csv", database]
    for view in ("clients", "delta", "dns", "load"):
        yield [view, "--svg", os.path.join(work, "plots"), database]
    yield ["summary", "--from", "2026-06-01", "--to", "2026-06-02", database]
    yield ["clients", "--server", "192.0.2.1", "--format", "json", database]
    for form in ("text", "html", "json", "csv"):
        yield ["report", "--format", form, "--from", "2026-05-01", "--to", "2026-06-30", "--no-geo", database]
    yield ["report", "--month", "2026-06", "--no-addresses", "--no-geo", database]
    for form in ("rssac002", "dsc", "dsc-json", "magnitude", "ithi"):
        yield ["export", "--partial", "--to", form, "--service", "x.example", "-o", made, database]
    for path in ("/", "/?day=2026-06-01", "/metrics", "/healthz"):
        yield ["serve", "--print", path, database]
    yield ["top", "--once", database]
    yield ["merge", "-o", made, database]
    yield ["merge", "-o", made, database, os.path.join(work, "good.db")]
    if more is not None:
        yield ["read", "-q", "-o", database, more]  # last: it changes what is there


def tables(db):
    for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
        yield name, [(row[1], row[5]) for row in db.execute('PRAGMA table_info("%s")' % name)]


def loosen(path):
    """Nothing that the schema forbids is a hindrance to who writes the file; every table has rows."""
    db = sqlite3.connect(path)
    db.text_factory = bytes
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_master SET sql = replace(replace(sql, ' NOT NULL', ''), 'CHECK(', 'CHECK(1 OR ') "
               "WHERE type = 'table'")
    db.commit()
    db.close()
    db = sqlite3.connect(path)
    for table, columns in tables(db):
        if db.execute('SELECT count(*) FROM "%s"' % table).fetchone()[0] == 0:
            texts = ("period", "fate", "reason", "interface", "name", "key", "sensor", "path")
            db.execute('INSERT INTO "%s" VALUES(%s)' % (table, ", ".join("?" * len(columns))),
                       ["day" if c in texts else bytes(4) if c in ("addr", "client", "server") else 20605 if c == "day" else 1
                        for c, _ in columns])
    db.commit()
    db.close()


def without_key(db, table):
    """The table with the same rows and no key: then its columns can be null, and be the same."""
    db.execute("PRAGMA legacy_alter_table = ON")
    db.execute('CREATE TABLE "new" AS SELECT * FROM "%s"' % table)
    db.execute('DROP TABLE "%s"' % table)
    db.execute('ALTER TABLE "new" RENAME TO "%s"' % table)


def put(db, rng, table, column, value, one):
    where, values = "", []
    if one:
        key = [c for c, k in dict(tables(db))[table] if k > 0] or [dict(tables(db))[table][0][0]]
        count = db.execute('SELECT count(*) FROM "%s"' % table).fetchone()[0]
        row = db.execute('SELECT %s FROM "%s" LIMIT 1 OFFSET %d' % (", ".join('"%s"' % k for k in key), table,
                                                                  rng.randrange(max(count, 1)))).fetchone()
        if row is not None:
            where = " WHERE " + " AND ".join('"%s" IS ?' % k for k in key)
            values = list(row)
    sql = 'UPDATE "%s" SET "%s" = ?%s' % (table, column, where)
    try:
        db.execute(sql, [value] + values)
    except sqlite3.Error:
        without_key(db, table)
        db.execute(sql, [value] + values)


def spoil_values(path, rng, chosen=None):
    db = sqlite3.connect(path)
    what = []
    every = [(t, c) for t, columns in tables(db) for c, _ in columns]
    for _ in range(1 if chosen else rng.choice((1, 1, 1, 2, 3))):
        (table, column), value = chosen or (rng.choice(every), rng.choice(VALUES))
        one = chosen is None and rng.random() < 0.4
        put(db, rng, table, column, value, one)
        what.append("%s.%s = %.40r%s" % (table, column, value, " once" if one else ""))
    db.commit()
    db.close()
    return "; ".join(what)


def beside(path, rng):
    """A journal or a log beside the file, as a crash leaves them."""
    ending = rng.choice(("-journal", "-wal"))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = %s" % ("DELETE" if ending == "-journal" else "WAL"))
    db.execute("PRAGMA cache_size = 4")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    db.execute("UPDATE client_day SET requests = requests + 1")
    db.execute("UPDATE day SET service_id = service_id")
    db.execute("CREATE TABLE large AS SELECT zeroblob(40000)")
    if ending == "-wal":
        db.execute("COMMIT")
    with open(path, "rb") as f, open(path + ending, "rb") as g:
        both = f.read(), g.read()
    db.close()
    for name in ("-journal", "-wal", "-shm"):
        if os.path.exists(path + name):
            os.remove(path + name)
    with open(path, "wb") as f, open(path + ending, "wb") as g:
        f.write(both[0])
        g.write(both[1])
    return path + ending


def spoil_octets(data, rng, page):
    what = rng.choice(("octets", "octets", "header", "head of a page", "cells", "cut", "zeros", "swap", "copy"))
    pages = max(1, len(data) // page)
    at = rng.randrange(pages) * page
    if what == "octets":
        for _ in range(rng.choice((1, 3, 20, 200))):
            data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
    elif what == "header":
        data[rng.randrange(min(108, len(data)))] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
    elif what == "head of a page":
        for i in range(rng.randrange(1, 4)):
            data[min(len(data) - 1, at + rng.randrange(12))] = rng.choice((0, 2, 5, 10, 13, 0xff))
    elif what == "cells":
        for i in range(rng.randrange(1, 10)):
            data[min(len(data) - 1, at + 8 + rng.randrange(60))] = rng.randrange(256)
    elif what == "cut":
        del data[rng.randrange(len(data)):]
    elif what == "zeros":
        data[at:at + page] = bytes(len(data[at:at + page]))
    else:
        other = rng.randrange(pages) * page
        a, b = bytes(data[at:at + page]), bytes(data[other:other + page])
        if len(a) == len(b):
            data[at:at + page] = b
            if what == "swap":
                data[other:other + page] = a
    return what


def spoil_pages(path, rng):
    file = beside(path, rng) if rng.random() < 0.3 else path
    with open(path, "rb") as f:
        page = int.from_bytes(f.read(18)[16:], "big") or 4096
    page = 65536 if page == 1 else page
    with open(file, "rb") as f:
        data = bytearray(f.read())
    what = [spoil_octets(data, rng, page) for _ in range(rng.choice((1, 1, 2, 5))) if len(data) > 0]
    with open(file, "wb") as f:
        f.write(data)
    return "%s of %s" % (", ".join(what), os.path.basename(file)[len("bad"):])


class Runner:
    def __init__(self, arguments, work):
        self.a, self.work, self.failed, self.ran = arguments, work, 0, 0

    def judge(self, command):
        try:
            p = subprocess.run([self.a.clientele] + command, stdin=subprocess.DEVNULL, capture_output=True,
                               timeout=self.a.limit, cwd=self.work)
        except subprocess.TimeoutExpired:
            return "does not end"
        said = p.stderr.decode("utf-8", "replace")
        if p.returncode not in (0, 1, 2):
            frames = re.findall(r"(?m)^.*(?:runtime error|ERROR: |SUMMARY: ).*$|#\d+ .* in cl_?\w+ \S+", said)
            return "status %d: %s" % (p.returncode, " | ".join(f.strip() for f in frames[:3]) or said[:300])
        if p.returncode == 2 and not said.startswith("clientele: "):
            return "status 2, and says %r" % said[:200]
        if "\x1b" in said or b"\x1b" in p.stdout:
            return "an escape"
        if command[0] == "serve" and command[2].startswith("/") and b"<s>" in p.stdout:
            return "an element"
        return None

    def case(self, name, spoil):
        rng = random.Random("%s %s" % (self.a.seed, name))
        bad = os.path.join(self.work, "bad.db")
        for f in os.listdir(self.work):
            if f.startswith("bad.db"):
                os.remove(os.path.join(self.work, f))
        shutil.copy(os.path.join(self.work, "good.db"), bad)
        what = spoil(bad, rng)
        kept = {f: open(os.path.join(self.work, f), "rb").read() for f in os.listdir(self.work) if f.startswith("bad.db")}
        todo = list(commands(self.work, bad, self.a.more))
        if 0 < self.a.commands < len(todo):
            todo = [todo[i] for i in sorted(rng.sample(range(len(todo)), self.a.commands))]
        for command in todo:
            for made in ("made", "plots"):
                made = os.path.join(self.work, made)
                shutil.rmtree(made) if os.path.isdir(made) else os.path.exists(made) and os.remove(made)
            self.ran += 1
            wrong = self.judge(command)
            if wrong is not None:
                self.failed += 1
                print("%s (%s): %s: %s" % (name, what, " ".join(c.replace(self.work + "/", "") for c in command), wrong),
                      flush=True)
            if len(kept) > 1:  # a journal is played back by the first who may
                for f, data in kept.items():
                    with open(os.path.join(self.work, f), "wb") as g:
                        g.write(data)
        if self.a.case:
            kept_as = os.path.abspath("hostile.db")
            with open(kept_as, "wb") as f:
                f.write(kept["bad.db"])
            print("%s: %s: %s" % (name, what, kept_as))

    def cases(self):
        for i in range(self.a.values):
            yield "values-%d" % i, spoil_values
        for i in range(self.a.pages):
            yield "pages-%d" % i, spoil_pages
        if self.a.every:
            db = sqlite3.connect(os.path.join(self.work, "good.db"))
            every = [(t, c) for t, columns in tables(db) for c, _ in columns]
            db.close()
            for t, c in every:
                for i, v in enumerate(VALUES):
                    yield "%s.%s-%d" % (t, c, i), lambda path, rng, x=((t, c), v): spoil_values(path, rng, x)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("clientele")
    p.add_argument("good")
    p.add_argument("--more", type=os.path.abspath)
    p.add_argument("--seed", default="1")
    p.add_argument("--values", type=int, default=0)
    p.add_argument("--pages", type=int, default=0)
    p.add_argument("--every", action="store_true")
    p.add_argument("--commands", type=int, default=0)
    p.add_argument("--limit", type=float, default=60)
    p.add_argument("--case", default="")
    p.add_argument("--part", default="0/1", help="cases I of N, to run several beside each other")
    a = p.parse_args()
    a.clientele = os.path.abspath(a.clientele)
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(a.good, os.path.join(work, "good.db"))
        loosen(os.path.join(work, "good.db"))
        runner = Runner(a, work)
        part, of = (int(x) for x in a.part.split("/"))
        for i, (name, spoil) in enumerate(runner.cases()):
            if name == a.case if a.case else i % of == part:
                runner.case(name, spoil)
        print("%d commands, %d wrong" % (runner.ran, runner.failed), file=sys.stderr)
        return 1 if runner.failed or runner.ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
