from odoo import api, fields, models

from ...rules import consent_item, proof_table
from ...rules.consent_item import Fault


class VelocConsentImportRow(models.Model):
    """What became of one row of an imported file; the row itself is in the file."""

    _name = "veloc.consent.import.row"
    _description = "Row of a consent import"
    _log_access = False
    _order = "import_id, line"
    _rec_name = "line"

    import_id = fields.Many2one(
        "veloc.consent.import", required=True, readonly=True, ondelete="cascade"
    )
    line = fields.Integer(required=True, readonly=True)
    outcome = fields.Selection(
        [("stored", "Stored"), ("known", "Known already"), ("refused", "Refused")],
        required=True,
        readonly=True,
    )
    code = fields.Char(readonly=True)
    message = fields.Char("Why", compute="_compute_message")
    field = fields.Char(readonly=True)
    consent_id = fields.Many2one("veloc.consent", readonly=True, ondelete="set null")

    _line_unique = models.Constraint(
        "UNIQUE(import_id, line)", "A row is answered once."
    )

    # === COMPUTE === #

    @api.depends("code", "field")
    def _compute_message(self):
        consents = self.env["veloc.consent"]
        own = self._messages()
        for row in self:
            fault = row.code and Fault(row.code, row.field or "")
            found = fault and (own.get(row.code) or consents._fault_message(fault))
            row.message = found or False

    def _messages(self):
        return {
            "no_person": self.env._("The row names nobody."),
            "unknown_person": self.env._(
                "No contact has these details. Nobody is created from a consent."
            ),
            "ambiguous": self.env._("Several contacts have these details."),
            "conflict": self.env._("The details belong to different contacts."),
            "erased_person": self.env._(
                "This person was erased and stays so, whatever a file says."
            ),
        }

    # === BUSINESS === #

    @api.model
    def _import(self, job, table, how, start, end):
        """Import rows ``start`` to ``end`` and answer each; constant queries."""
        read = [
            proof_table.read_row(table.columns, table.rows[position], how)
            for position in range(start, end)
        ]
        owners = self._owners(read)
        found = [self._with_owner(row, owners) for row in read]
        values = self._consent_values(job, table, found, start)
        answers = self._store(job, found, values)
        # sudo: answers are written by the import only.
        self.sudo().create(
            [
                {"import_id": job.id, "line": table.lines[start + at], **answer}
                for at, answer in enumerate(answers)
            ]
        )

    # === WHO === #

    def _owners(self, rows):
        """Return ``{(kind, text): partner ids}`` for every detail of these rows."""
        by_kind = {}
        for row in rows:
            if isinstance(row, proof_table.Row):
                for kind, text in row.person.items():
                    by_kind.setdefault(kind, set()).add(text)
        owners = {}
        for kind, texts in by_kind.items():
            for text, ids in self._find_people(kind, sorted(texts)).items():
                owners[kind, text] = ids
        return owners

    def _find_people(self, kind, texts):
        # sudo: an officer may import proofs of people they need not open.
        partners_sudo = self.env["res.partner"].sudo()
        if kind != "contact_id":
            return partners_sudo._veloc_find(kind, texts)
        ids = {text: int(text) for text in texts if text.isascii() and text.isdigit()}
        # Ids of ten digits outgrow the column.
        near = {text: id_ for text, id_ in ids.items() if id_ < 2**31}
        known = set(partners_sudo.browse(near.values()).exists().ids)
        return {text: [id_] for text, id_ in near.items() if id_ in known}

    def _with_owner(self, row, owners):
        """Return ``(partner id, row)``, or why the row is nobody's."""
        if isinstance(row, Fault):
            return row
        found = [set(owners.get(item, ())) for item in row.person.items()]
        named = [ids for ids in found if ids]
        if not named:
            return Fault("unknown_person", "person")
        shared = set.intersection(*named)
        if len(shared) == 1:
            return shared.pop(), row
        return Fault("ambiguous" if shared else "conflict", "person")

    # === WHAT === #

    def _consent_values(self, job, table, found, start):
        """Return ``{position: values or fault}`` of the rows that have an owner."""
        now = fields.Datetime.now()
        read = {
            at: consent_item.read({**pair[1].item, "partner_id": pair[0]}, now)
            for at, pair in enumerate(found)
            if isinstance(pair, tuple)
        }
        resolve = self.env["veloc.consent"]._item_resolver(list(read.values()))
        values = {}
        for at, item in read.items():
            # A file of the past says nothing about tomorrow, not even by a minute.
            is_future = isinstance(item, consent_item.Item) and item.recorded_at >= now
            value = Fault("future", "at") if is_future else resolve(item)
            if not isinstance(value, Fault):
                value["evidence"] = job._evidence(value, table.lines[start + at])
            values[at] = value
        return values

    def _store(self, job, found, values):
        """Create what is new; return the answer to each row, in order."""
        good = {at: v for at, v in values.items() if not isinstance(v, Fault)}
        positions = list(good)
        known = {positions[n] for n in job._known(list(good.values()))}
        fresh, seen = {}, set()
        for at in positions:
            names = ("partner_id", "purpose_id", "channel", "granted", "recorded_at")
            key = tuple(good[at][name] for name in names)
            if at in known or key in seen:
                known.add(at)
            else:
                fresh[at] = good[at]
            seen.add(key)
        # sudo: nobody has create rights; these values were checked one by one.
        consents = self.env["veloc.consent"].sudo().create(list(fresh.values()))
        stored = dict(zip(fresh, consents.ids, strict=True))
        return [
            self._answer(pair, values.get(at), stored.get(at), at in known)
            for at, pair in enumerate(found)
        ]

    def _answer(self, pair, value, consent_id, is_known):
        fault = next((f for f in (pair, value) if isinstance(f, Fault)), None)
        if fault:
            return {"outcome": "refused", "code": fault.code, "field": fault.field}
        if is_known:
            return {"outcome": "known"}
        return {"outcome": "stored", "consent_id": consent_id}
