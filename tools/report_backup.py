"""Report a backup or a restore test to Veloc, from the script that made it.

    VELOC_API_KEY_FILE=/etc/veloc/backup.key python3 report_backup.py \\
        --url https://crm.example.com --name "nightly on db1" --file dump.age \\
        --started 2026-03-11T02:00:00Z

Stands alone: standard library only. Size and SHA-256 are taken from the file itself.
The key is that of an account in the group "Veloc: reports backups"; it comes from a
file or the environment (VELOC_API_KEY), never from the command line, which others see.
Ends with 0 when Veloc has stored the report, else with 1 and the reason.
"""

import argparse
import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

PATH = "/json/2/veloc.backup.report/report"
PIECE = 1 << 20
SHOWN = ("rows_equal", "ledger_verified", "files_checked", "tombstones_replayed")


def digest(path):
    """Return the SHA-256 of a file, read in pieces: backups are large."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha.update(piece)
    return sha.hexdigest()


def values_of(options, now):
    """Return what the options say, as ``veloc.backup.report.report`` takes it."""
    values = {
        "name": options.name,
        "kind": options.kind,
        "scope": options.scope,
        "started_at": options.started,
        "ended_at": options.ended or now,
        "is_good": not options.error,
        "place": options.place,
        "key_name": options.key_name,
        "error": options.error,
        "sha256": options.sha256,
    }
    if options.file and not options.error:
        values["size"] = options.file.stat().st_size
        values["sha256"] = digest(options.file)
    if options.kind == "restore_test":
        values |= {name: name in options.shown for name in SHOWN}
    return {name: value for name, value in values.items() if value is not None}


def post(url, key, database, values):
    """Hand the report over; return Veloc's answer."""
    headers = {"Authorization": f"bearer {key}", "Content-Type": "application/json"}
    if database:
        headers["X-Odoo-Database"] = database
    body = json.dumps({"values": values}).encode()
    request = urllib.request.Request(url.rstrip("/") + PATH, body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def read_key():
    """Return the API key from its file or the environment."""
    if path := os.environ.get("VELOC_API_KEY_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get("VELOC_API_KEY", "")


def parser():
    """Return the reader of the command line."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--url", required=True)
    options.add_argument("--database", help="where the server has several")
    options.add_argument("--name", required=True, help="which job, on which host")
    options.add_argument("--kind", choices=("backup", "restore_test"), default="backup")
    options.add_argument(
        "--scope", choices=("full", "database", "files", "log"), default="full"
    )
    options.add_argument("--started", required=True, help="RFC 3339")
    options.add_argument("--ended", help="RFC 3339; now if left out")
    options.add_argument("--file", type=Path, help="the backup itself")
    options.add_argument("--sha256", help="of the backup that was restored")
    options.add_argument("--place", help="where it lies; no secrets")
    options.add_argument("--key-name", help="name of the encryption key")
    options.add_argument("--shown", nargs="*", choices=SHOWN, default=[])
    options.add_argument("--error", help="what went wrong: the run failed")
    return options


def main(arguments=None):
    """Report; return the exit code."""
    options = parser().parse_args(arguments)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        values = values_of(options, now)
        answer = post(options.url, read_key(), options.database, values)
    except urllib.error.HTTPError as error:
        print(f"refused: {error.code} {error.read(500).decode(errors='replace')}")
        return 1
    except OSError as error:
        print(f"not reported: {error}")
        return 1
    print(f"reported as {answer['id']}, sha256 {answer['sha256']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
