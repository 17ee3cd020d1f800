from odoo import api, models


class VelocComplianceReport(models.Model):
    """The figures of the monthly report; addons add sections by ``_inherit``."""

    _inherit = "veloc.compliance.report"

    @api.model
    def _sections(self, company, start, end):
        """Return the sections of the report, JSON-safe.

        ``start`` and ``end`` are naive UTC, the end not included. A section is
        ``{"title", "lines": [{"label", "value", "look"}]}``; ``look`` marks what
        somebody should look at.
        """
        return [
            self._section_consent(start, end),
            self._section_requests(start, end),
            self._section_incidents(start, end),
            self._section_alerts(start, end),
            self._section_care(start, end),
            self._section_ledger(start, end),
            self._section_registers(company),
        ]

    def _line(self, label, value, look=False):
        return {"label": label, "value": value, "look": bool(look)}

    def _count(self, model, *conditions):
        # sudo: the report counts; it shows nobody.
        return self.env[model].sudo().search_count(list(conditions))

    def _within(self, field, start, end):
        return (field, ">=", start), (field, "<", end)

    def _section_consent(self, start, end):
        when = self._within("stored_at", start, end)
        given = self._count("veloc.consent", *when, ("granted", "=", True))
        revoked = self._count("veloc.consent", *when, ("granted", "=", False))
        standing = self._count("veloc.consent.state", ("granted", "=", True))
        return {
            "title": self.env._("Consent"),
            "lines": [
                self._line(self.env._("Consents given"), given),
                self._line(self.env._("Consents revoked"), revoked),
                self._line(self.env._("Consents in force now"), standing),
            ],
        }

    def _section_requests(self, start, end):
        received = self._within("received_at", start, end)
        done = self._within("closed_at", start, end)
        late = self._count("veloc.privacy.request", ("clock", "=", "overdue"))
        return {
            "title": self.env._("Requests of data subjects"),
            "lines": [
                self._line(
                    self.env._("Received"),
                    self._count("veloc.privacy.request", *received),
                ),
                self._line(
                    self.env._("Closed"), self._count("veloc.privacy.request", *done)
                ),
                self._line(self.env._("Past their term now"), late, look=late),
            ],
        }

    def _section_incidents(self, start, end):
        known = self._within("known_at", start, end)
        opened = self._count("veloc.incident", *known)
        standing = self._count("veloc.incident", ("state", "!=", "closed"))
        return {
            "title": self.env._("Incidents"),
            "lines": [
                self._line(self.env._("Became known"), opened, look=opened),
                self._line(self.env._("Open now"), standing, look=standing),
            ],
        }

    def _section_alerts(self, start, end):
        when = self._within("raised_at", start, end)
        critical = self._count("veloc.alert", *when, ("severity", "=", "critical"))
        unseen = self._count("veloc.alert", ("state", "=", "open"))
        return {
            "title": self.env._("Alerts"),
            "lines": [
                self._line(self.env._("Raised"), self._count("veloc.alert", *when)),
                self._line(self.env._("Critical"), critical, look=critical),
                self._line(self.env._("Not looked at yet"), unseen, look=unseen),
            ],
        }

    def _section_care(self, start, end):
        when = self._within("from_at", start, end)
        labels = dict(
            self.env["veloc.suppression"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        groups = (
            self.env["veloc.suppression"]
            # sudo: the report counts; it shows nobody.
            .sudo()
            ._read_group([*when], ["kind"], ["__count"])
        )
        counts = dict(groups)
        return {
            "title": self.env._("New suppressions"),
            "lines": [
                self._line(label, counts.get(kind, 0)) for kind, label in labels.items()
            ],
        }

    def _section_ledger(self, start, end):
        heads = self._within("sealed_at", start, end)
        # sudo: the report counts and verifies; it shows no entry.
        verdict = self.env["veloc.ledger.entry"].sudo().verify()
        is_whole = bool(verdict.get("ok"))
        entries = self._count("veloc.ledger.entry", *self._within("at", start, end))
        word = self.env._("yes") if is_whole else self.env._("NO")
        return {
            "title": self.env._("Ledger"),
            "lines": [
                self._line(self.env._("Entries"), entries),
                self._line(
                    self.env._("Signed heads"), self._count("veloc.ledger.head", *heads)
                ),
                self._line(self.env._("Verified as a whole"), word, look=not is_whole),
            ],
        }

    def _section_registers(self, company):
        faults = self.env["veloc.watch"]._register_findings(company)
        return {
            "title": self.env._("Registers and vendors"),
            "lines": [
                self._line(
                    self.env._("Processing activities in force"),
                    self._count("veloc.processing.activity", ("state", "=", "active")),
                ),
                self._line(
                    self.env._("Vendors in use"),
                    self._count("veloc.vendor", ("state", "=", "active")),
                ),
                *(self._line(text, 1, look=True) for text in faults),
            ],
        }
