#!/usr/bin/env python3
"""Check a Veloc ledger without Veloc: entries, tree, signatures, anchors.

Standard library and ``cryptography`` only: an auditor can read all of it.

    verify_ledger.py person.json                one person's export, with its proofs
    verify_ledger.py ledger.jsonl               the whole ledger, as exported
    verify_ledger.py postgresql://reader@host/db    the whole ledger, in its database
        --anchor FILE        heads kept outside (file or saved mail); may be repeated
        --public-key HEX     the key that must have signed (from the encarregado)
        --export FILE        with a database: also write what was read

Exit code 0: sound. 1: not, and every finding names its entries. 2: cannot be read.

An entry is a list of ten JSON values, written as ASCII JSON without
blanks: [1, id, time, kind, user, model, record, person, public, secret]. Its leaf is
SHA-256(0x00 + bytes), an inner node SHA-256(0x01 + left + right) (RFC 9162). A head
signs "veloc.ledger/1", origin, size, root (base64), time and last entry, one a line.
"""

import argparse
import base64
import csv
import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMES = "origin size root sealed_at last_entry_id public_key signature".split()  # noqa: SIM905
HEADS_QUERY = """
SELECT origin, size, root, to_char(sealed_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    last_entry_id, public_key, signature
FROM veloc_ledger_signed_head ORDER BY size
"""
ROWS_QUERY = """
SELECT l.id - 1, l.entry_id, encode(l.hash, 'hex'), e.id,
    to_char(e.at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.kind, e.user_id, e.model,
    e.res_id, e.subject_id, e.public, e.secret
FROM veloc_ledger_leaf l LEFT JOIN veloc_ledger_entry_raw e ON e.id = l.entry_id
WHERE l.id <= {size} ORDER BY l.id
"""
# The ledger goes on while it is read: one statement looks for what no head signs.
UNSIGNED_QUERY = """
SELECT l.entry_id FROM veloc_ledger_leaf l WHERE l.id > (
    SELECT coalesce(max(size), 0) FROM veloc_ledger_signed_head) ORDER BY l.id LIMIT 1
"""
UNSEALED_QUERY = """
SELECT e.id FROM veloc_ledger_entry_raw e
WHERE e.at < now() AT TIME ZONE 'UTC' - interval '10 minutes' AND NOT EXISTS (
    SELECT FROM veloc_ledger_leaf l WHERE l.entry_id = e.id) ORDER BY e.id LIMIT 20
"""


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_of(data):
    return hashlib.sha256(b"\x00" + data).digest()


def canonical(entry):
    """Return the bytes of an entry given as a list."""
    return json.dumps(entry, separators=(",", ":")).encode("ascii")


def is_signed(head, public_key=None):
    """Return whether the head is signed: by its own key, or by the one given."""
    parts = (
        "veloc.ledger/1",
        head["origin"],
        str(head["size"]),
        base64.b64encode(bytes.fromhex(head["root"])).decode("ascii"),
        head["sealed_at"],
        str(head["last_entry_id"]),
    )
    try:
        key = bytes.fromhex(public_key or head["public_key"])
        Ed25519PublicKey.from_public_bytes(key).verify(
            bytes.fromhex(head["signature"]), ("\n".join(parts) + "\n").encode("utf-8")
        )
    except (ValueError, InvalidSignature):
        return False
    return True


def is_included(leaf, index, size, proof, root):
    """Return whether the proof leads from a leaf to the root (RFC 9162, 2.1.3.2)."""
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if not last:
            return False
        if place & 1 or place == last:
            found = node(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, sibling)
        place, last = place >> 1, last >> 1
    return not last and found == root and 0 <= index < size


class Tree:
    """Grows by leaves and keeps the roots of its whole subtrees."""

    def __init__(self):
        self.size = 0
        self.peaks = []

    def add(self, leaf):
        self.size += 1
        rest = self.size
        while not rest & 1:
            leaf = node(self.peaks.pop(), leaf)
            rest >>= 1
        self.peaks.append(leaf)

    def root(self):
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node(peak, found)
        return found


@dataclass
class Ledger:
    """One pass over all leaves; findings as sentences."""

    heads: list
    anchors: list
    public_key: str | None = None
    findings: list = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    roots: dict = field(default_factory=dict)
    asked: set = field(default_factory=set)
    first_of_batch: int | None = None
    last_entry: int = 0

    def __post_init__(self):
        """Remember at which sizes the root is asked for."""
        self.asked = {head["size"] for head in [*self.heads, *self.anchors]}

    def feed(self, position, entry_id, leaf, data):
        """Check one leaf; ``data`` are the entry's bytes, None if it is gone."""
        if position != self.tree.size:
            self.findings.append(
                f"leaves {self.tree.size} to {position - 1} were removed, "
                f"before entry {entry_id}"
            )
            while self.tree.size < position:
                self.tree.add(bytes(32))  # keeps the places of the others
        if data is None:
            self.findings.append(f"entry {entry_id} was deleted")
        elif leaf_of(data) != leaf:
            self.findings.append(f"entry {entry_id} was changed")
        self.tree.add(leaf)
        self.last_entry = max(self.last_entry, entry_id)
        self.first_of_batch = self.first_of_batch or entry_id
        if self.tree.size in self.asked:
            self.close_batch(entry_id)

    def close_batch(self, entry_id):
        size, root = self.tree.size, self.tree.root().hex()
        self.roots[size] = root
        sealed = [head for head in self.heads if head["size"] == size]
        if any(head["root"] != root for head in sealed):
            self.findings.append(
                f"among the entries {self.first_of_batch} to {entry_id}, sealed at "
                f"{sealed[0]['sealed_at']}, one was replaced together with its leaf"
            )
        if sealed:
            self.first_of_batch = None

    def finish(self):
        self.check_heads()
        for anchor in self.anchors:
            self.check_anchor(anchor)
        return self.findings

    def check_heads(self):
        last = self.heads[-1]["size"] if self.heads else 0
        if self.tree.size > last:
            self.findings.append(
                f"from entry {self.first_of_batch} on no head signs the leaves"
            )
        for head in self.heads:
            if not is_signed(head, self.public_key):
                self.findings.append(
                    f"the head of {head['size']} entries is not signed"
                )
            if head["size"] > self.tree.size:
                self.findings.append(
                    f"the tail was cut: a head signs {head['size']} entries, up to "
                    f"entry {head['last_entry_id']}, {self.what_is_there()}"
                )

    def what_is_there(self):
        return f"there are {self.tree.size}, up to entry {self.last_entry}"

    def check_anchor(self, anchor):
        size = anchor["size"]
        if not is_signed(anchor, self.public_key):
            self.findings.append(
                f"the anchor of {size} entries is not signed by this ledger's key"
            )
        elif size > self.tree.size:
            self.findings.append(
                f"rolled back: an anchor of {anchor['sealed_at']} knows {size}, up to "
                f"entry {anchor['last_entry_id']}, {self.what_is_there()}"
            )
        elif self.roots.get(size) != anchor["root"]:
            self.findings.append(
                f"history was rewritten: the first {size} entries (up to entry "
                f"{anchor['last_entry_id']}) are not those anchored at "
                f"{anchor['sealed_at']}"
            )


def read_heads(path):
    """Return the heads in an anchor file or a saved mail."""
    heads = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                found = json.loads("{" + line.partition("{")[2])
            except ValueError:
                continue
            if set(NAMES) <= found.keys():
                heads.append({name: found[name] for name in NAMES})
    return heads


def rows_of_file(file):
    """Yield (position, entry id, leaf, bytes) of an exported ledger."""
    for line in file:
        if line.startswith("{"):
            found = json.loads(line)
            if "missing" in found:
                leaf = bytes.fromhex(found["leaf"])
                yield found["position"], found["missing"], leaf, None
            continue
        # [position,"leaf",entry]: what is hashed are the entry's bytes as they stand.
        position, leaf, data = line.rstrip("\n").split(",", 2)
        entry_id = int(data.split(",", 2)[1])
        data = data[:-1].encode("ascii")
        yield int(position[1:]), entry_id, bytes.fromhex(leaf[1:-1]), data


def sql_rows(url, query):
    """Yield rows of texts, NULL as None: by psql, else by psycopg2; only SELECT."""
    if not shutil.which("psql"):
        yield from rows_by_psycopg2(url, query)
        return
    copy = f"COPY ({query.strip()}) TO STDOUT (FORMAT csv, NULL '\\N')"
    command = ["psql", "-Xqv", "ON_ERROR_STOP=1", "-d", url, "-c", copy]
    csv.field_size_limit(1 << 30)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for row in csv.reader(run.stdout):
            yield [None if value == "\\N" else value for value in row]
    if run.returncode:
        raise ValueError("psql could not read the ledger")


def rows_by_psycopg2(url, query):
    import psycopg2  # only where there is no psql

    with psycopg2.connect(url) as connection, connection.cursor("ledger") as cursor:
        cursor.itersize = 20_000
        cursor.execute(query)
        for row in cursor:
            yield [None if value is None else str(value) for value in row]


def sql_heads(url):
    """Return the heads, the smallest first."""
    heads = [dict(zip(NAMES, row, strict=True)) for row in sql_rows(url, HEADS_QUERY)]
    for head in heads:
        head.update(size=int(head["size"]), last_entry_id=int(head["last_entry_id"]))
    return heads


def sql_leaves(url, size):
    """Yield (position, entry id, leaf, bytes) in the order of the leaves."""
    quote = json.encoder.encode_basestring_ascii
    for position, entry_id, leaf, *entry in sql_rows(url, ROWS_QUERY.format(size=size)):
        data = None
        if entry[0] is not None:
            id_, at, kind, user, model, record, person, public, secret = entry
            secret = "null" if secret is None else quote(secret)
            data = (
                f"[1,{id_},{quote(at)},{quote(kind)},{user},{quote(model)},{record},"
                f"{person or 'null'},{quote(public)},{secret}]"
            ).encode("ascii")
        yield int(position), int(entry_id), bytes.fromhex(leaf), data


def write_export(path, heads, leaves):
    """Pass leaves on while writing them to a file that this program can read."""
    with open(path, "w", encoding="ascii") as file:
        for head in heads:
            file.write(json.dumps({"head": head}) + "\n")
        for position, entry_id, leaf, data in leaves:
            if data is None:
                line = {"missing": entry_id, "position": position, "leaf": leaf.hex()}
                file.write(json.dumps(line) + "\n")
            else:
                file.write(f'[{position},"{leaf.hex()}",{data.decode("ascii")}]\n')
            yield position, entry_id, leaf, data


def check_database(options, anchors):
    heads = sql_heads(options.source)
    leaves = sql_leaves(options.source, heads[-1]["size"] if heads else 0)
    ledger = Ledger(heads, anchors, options.public_key)
    if options.export:
        leaves = write_export(options.export, heads, leaves)
    for row in leaves:
        ledger.feed(*row)
    for row in sql_rows(options.source, UNSIGNED_QUERY):
        ledger.findings.append(f"from entry {row[0]} on no head signs the leaves")
    for row in sql_rows(options.source, UNSEALED_QUERY):
        ledger.findings.append(f"entry {row[0]} was never sealed")
    return ledger.finish(), f"{ledger.tree.size} entries, {len(heads)} heads"


def check_export(file, options, anchors):
    heads = []
    for line in file:
        if not line.startswith('{"head"'):
            break
        heads.append(json.loads(line)["head"])
    file.seek(0)
    ledger = Ledger(heads, anchors, options.public_key)
    for row in rows_of_file(file):
        ledger.feed(*row)
    return ledger.finish(), f"{ledger.tree.size} entries, {len(heads)} heads"


def check_person(told, options, anchors):
    """Check a person's export: the head's signature and each entry's proof."""
    head, findings = told["head"], []
    if not is_signed(head, options.public_key):
        findings.append("the head is not signed by the key that should have signed it")
    root = bytes.fromhex(head["root"])
    for item in told["entries"]:
        leaf = leaf_of(canonical(item["entry"]))
        proof = [bytes.fromhex(part) for part in item["proof"]]
        if not is_included(leaf, item["position"], head["size"], proof, root):
            findings.append(f"entry {item['entry'][1]} is not proved")
    for anchor in anchors:
        if not is_signed(anchor, head["public_key"]):
            findings.append(f"the anchor of {anchor['size']} entries has another key")
        elif anchor["size"] == head["size"] and anchor["root"] != head["root"]:
            findings.append(f"the anchor of {head['size']} entries has another root")
    return findings, f"{len(told['entries'])} entries of one person"


def check(options):
    """Return (findings, what was checked)."""
    anchors = [head for path in options.anchor for head in read_heads(path)]
    if options.anchor and not anchors:
        raise ValueError("there is no head in the anchor files")
    if "://" in options.source:
        return check_database(options, anchors)
    with open(options.source, encoding="ascii") as file:
        start = file.read(40)
        file.seek(0)
        if "veloc-ledger-person/" in start:
            return check_person(json.load(file), options, anchors)
        return check_export(file, options, anchors)


def main(arguments=None):
    """Run the check and print what was found; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", help="file or postgresql:// address")
    parser.add_argument("--anchor", action="append", default=[])
    parser.add_argument("--public-key")
    parser.add_argument("--export")
    options = parser.parse_args(arguments)
    try:
        findings, what = check(options)
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(f"FOUND  {finding}")
    print(f"{'NOT SOUND' if findings else 'SOUND'}: {what}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
