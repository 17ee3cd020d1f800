import csv
import gzip
import io
import json
import os

from odoo import fields, models
from odoo.tools import SQL

from ...rules import spool_file
from ...rules.event_schema import EnvelopeError
from ...rules.spool_file import DAMAGED, READERS, FileError
from ...rules.spool_table import TableReader
from .veloc_ingest_reject import MESSAGES
from .veloc_spool import OPEN


class VelocSpool(models.Model):
    """Reading one file: batch by batch, and what is left behind in the folder."""

    _inherit = "veloc.spool"

    def _read(self, folder, cron):
        """Read on until the end or until time is up; return the time left."""
        try:
            return self._read_batches(folder, cron)
        except FileError as error:
            self._close(folder, "failed", error.code)
        except FileNotFoundError:
            self._close(folder, *self._find_outcome(folder))
        except PermissionError:
            self._close(folder, "failed", "no_permission")
        except DAMAGED:
            self._close(folder, "failed", "damaged")
        return cron._commit_progress(1)

    def _read_batches(self, folder, cron):
        name = spool_file.read_name(self.name)
        with (folder / "in" / self.name).open("rb") as file:
            stream = gzip.GzipFile(fileobj=file) if name.is_packed else file
            reader = self._open_reader(name, stream)
            items, begin = iter(reader), self.position
            while batch := spool_file.take(items, reader):
                progress = 100 * file.tell() / (self.size or 1)
                if not self._store(folder, reader, begin, batch, progress):
                    return cron._commit_progress()  # another process reads it
                begin = reader.position
                if not (time_left := cron._commit_progress()):
                    return time_left
        self._close(folder, "done")
        return cron._commit_progress(1)

    def _open_reader(self, name, stream):
        """Return the reader where we left off; a CSV may have an import profile."""
        if name.kind == "csv":
            columns, _delimiter, _begin = spool_file.read_header(stream)
            profiles = self.env["veloc.import.profile"]
            if profile := profiles._find(columns, self.company_id):
                reader = TableReader(
                    stream, profile._make_job(self.found_at), self.line
                )
                reader.source, reader.profile_id = profile.source, profile.id
                return reader
        return READERS[name.kind](stream, int(self.position), self.line)

    # === ONE BATCH === #

    def _store(self, folder, reader, begin, items, progress):
        """Store a batch and how far we are in one transaction of its own.

        Return whether the file was still where we had left it.
        """
        with self.env["veloc.ingest"]._in_read_committed() as ingest:
            own = self.with_env(ingest.env)
            if not own._claim(begin):
                return False
            source = own.source if reader.source is None else reader.source
            counts, notes = own._ingest(ingest, source, items)
            own._write_report(folder, notes)
            own.write(
                {
                    "state": "reading",
                    "source": source,
                    "profile_id": getattr(reader, "profile_id", False),
                    "position": reader.position,
                    "line": reader.line,
                    "progress": min(progress, 100),
                    **{name: own[name] + count for name, count in counts.items()},
                }
            )
            own.flush_recordset()
        self.invalidate_recordset(flush=False)
        return True

    def _claim(self, begin):
        """Lock the row; return whether the position is the one we read from."""
        rows = self.env.execute_query(
            SQL(
                "SELECT position FROM veloc_spool WHERE id = %s AND state = ANY(%s)"
                " FOR UPDATE SKIP LOCKED",
                self.id,
                list(OPEN),
            )
        )
        self.invalidate_recordset(flush=False)
        return [position for (position,) in rows] == [begin]

    def _ingest(self, ingest, source, items):
        """Hand the rows in; return the counts and a note for each refused line."""
        lines = [item.line for item in items if item.code is None]
        ingest = ingest.with_company(self.company_id).with_context(
            veloc_road="spool", veloc_spool_id=self.id, veloc_lines=lines
        )
        rows = [item.row for item in items if item.code is None]
        wake = not self.is_history
        try:
            batch = ingest._process(source, rows, wake)
        except EnvelopeError as error:
            raise FileError(error.code) from error
        broken = [item for item in items if item.code]
        broken_notes = [
            {"index": index, "id": "", "code": item.code}
            for index, item in enumerate(broken)
        ]
        ingest.with_context(veloc_lines=[item.line for item in broken])._keep_rejected(
            source, [item.row for item in broken], broken_notes, wake
        )
        counts = {
            "accepted": batch.accepted,
            "duplicates": batch.duplicates,
            "rejected": len(batch.rejected) + len(broken),
        }
        notes = [(lines[n["index"]], n["id"], n["code"]) for n in batch.rejected]
        notes += [(item.line, "", item.code) for item in broken]
        return counts, sorted(notes)

    # === WHAT IS LEFT BEHIND === #

    def _write_report(self, folder, notes):
        """Add the refused lines to the report; what a crash left over is cut off."""
        path = self._report_path(folder)
        if not notes and not self.report_size:
            path.unlink(missing_ok=True)
            return
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        if not self.report_size:
            writer.writerow(["line", "id", "code", "message"])
        for line, id_, code in notes:
            message = self.env._(MESSAGES[code])
            writer.writerow([line, _harmless(id_), code, message])
        with path.open("ab") as file:
            file.truncate(int(self.report_size))
            file.write(text.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
            self.report_size = file.tell()

    def _report_path(self, folder):
        return folder / "in" / f".{self.name}.{self.id}.rejected.csv"

    def _find_outcome(self, folder):
        """Return what became of a file that is gone: moved before a crash, or lost."""
        moved = (folder / "done" / self._final_name()).exists()
        return ("done",) if moved else ("failed", "vanished")

    def _final_name(self):
        return f"{self.id:08d}-{self.name}"

    def _close(self, folder, state, code=None):
        """Write the report beside the file, move both, then say so in the database."""
        target = folder / ("done" if state == "done" else "failed")
        final = self._final_name()
        rejected = self._report_path(folder)
        if rejected.exists():
            os.replace(rejected, target / f"{final}.rejected.csv")
        report = self._prepare_report(state, code)
        (target / f"{final}.report.json").write_text(
            json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8"
        )
        source = folder / "in" / self.name
        if source.exists():
            os.replace(source, target / final)
        self.write(
            {
                "state": state,
                "code": code,
                "done_at": fields.Datetime.now(),
                "progress": 100 if state == "done" else self.progress,
                "stored_as": f"{target.name}/{final}",
            }
        )

    def _prepare_report(self, state, code):
        names = ("name", "source", "accepted", "duplicates", "rejected")
        report = {"state": state, **{name: self[name] for name in names}}
        report["lines"] = self.line
        if code:
            text = spool_file.FILE_MESSAGES[code]
            report |= {"code": code, "reason": self.env._(text)}
        return report


def _harmless(text):
    """Keep a spreadsheet from running somebody's id as a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@") else text
