from odoo import api, models
from odoo.http import request

from ...rules import ledger_values, rpc_reading

MOST_SUBJECTS = 5000  # of one reading, by name; beyond, the ids say it


class VelocLedgerReading(models.AbstractModel):
    """Who was shown what, and who was refused: noted beside the request."""

    _name = "veloc.ledger.reading"
    _description = "Recording of readings"

    # === READINGS === #

    @api.model
    def _called(self, model, method, asked, answer):
        """Note what a remote call showed, if the model asks for it."""
        if not model._veloc_ledger_reads:
            return
        found = rpc_reading.read_off(method, tuple(asked), answer)
        if found:
            told = {"method": method, "fields": list(found.fields)}
            if found.groups:
                told["groups"] = found.groups
            self._note_shown("read", model.browse(found.ids), told)

    @api.model
    def _exported(self, records, names):
        """Note an export, by screen or by call."""
        self._note_shown("export", records, {"fields": sorted(names)})

    @api.model
    def _rendered(self, records, report):
        """Note a report about records that ask for it."""
        self._note_shown("report", records, {"report": report})

    @api.model
    def _opened(self, records, place):
        """Note a page or a file about one record: portal, binary field."""
        self._note_shown("read", records, {"method": place})

    @api.model
    def _note_shown(self, kind, records, told):
        """Note one entry for the whole call.

        One person's reading is sealed with their key. The ids of several people are
        sealed for the house: an entry shown to one of them does not name the others.
        """
        ids = records._ids
        people = self._people(records)
        secret = {"ip": _address()} if request else {}
        if len(ids) != 1:
            secret["ids"] = ledger_values.ranges(ids)
        self.env["veloc.ledger.entry"]._note_apart(
            kind,
            records._name,
            ids[0] if len(ids) == 1 else 0,
            people[0] if len(people) == 1 else None,
            {**told, "count": len(ids)},
            secret,
            people if len(people) > 1 else (),
        )

    @api.model
    def _people(self, records):
        """Return the partners that the records are about."""
        path = records._veloc_ledger_subject
        if path is None or not records:
            return []
        # sudo: whose record it is does not depend on what the reader may see of it.
        people = records.sudo() if path == "id" else records.sudo().mapped(path)
        return sorted(set(people.ids))[:MOST_SUBJECTS]

    # === DENIALS === #

    @api.model
    def _denied(self, model, method, ids=()):
        """Note a refusal: who asked for what."""
        told = {"method": method, "count": len(ids)}
        secret = {"ip": _address()} if request else None
        self.env["veloc.ledger.entry"]._note_apart(
            "denied", model, ids[0] if len(ids) == 1 else 0, None, told, secret
        )


def _address():
    return request.httprequest.remote_addr if request else None
