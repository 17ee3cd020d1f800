from odoo import api, fields, models

from ...rules import data_map


class VelocDeclaration(models.AbstractModel):
    """The answer to "what do you have about me": simple at once, full in files.

    The full declaration holds what art. 19 II asks for: origin, criteria, purposes,
    sharing and retention, beside the data themselves. Addons extend the parts.
    """

    _name = "veloc.declaration"
    _description = "Declaration to a data subject"

    # === SIMPLE (ART. 19 I) === #

    @api.model
    def _simple(self, partners):
        """Return ``[{"title", "lines": [(label, value)]}]``; counts, no long lists."""
        return [
            {
                "title": self.env._("Do we process your data?"),
                "lines": [(self.env._("Answer"), self._confirmation(partners))],
            },
            {"title": self.env._("Who you are to us"), "lines": self._who(partners)},
            {
                "title": self.env._("What we hold"),
                "lines": self._holdings(partners),
            },
            {
                "title": self.env._("What you allow"),
                "lines": self._permissions(partners),
            },
        ]

    def _confirmation(self, partners):
        if partners:
            return self.env._("Yes, we process personal data about you.")
        return self.env._("No, we hold no personal data about you.")

    def _who(self, partners):
        names = ("name", "email", "phone", "street", "city", "veloc_birth_date")
        personal = self.env["veloc.personal.data"]
        return [
            (self._label("res.partner", name), personal._plain(partner, name))
            # sudo: the person looks at their own particulars.
            for partner in partners.sudo()
            for name in names
            if partner[name]
        ]

    def _holdings(self, partners):
        """Return ``[(data class, how many rows)]`` of what there is."""
        personal = self.env["veloc.personal.data"]
        counts = {}
        for source in personal._data_map():
            if source.shown and source.is_personal:
                found = set(personal._records(source, partners).ids)
                counts.setdefault(source.data_class, {}).setdefault(
                    source.model, set()
                ).update(found)
        labels = self._class_labels()
        totals = {
            code: sum(len(ids) for ids in by_model.values())
            for code, by_model in counts.items()
        }
        return [
            (labels[code], self.env._("%(count)s records", count=totals[code]))
            for code in data_map.DATA_CLASSES
            if totals.get(code)
        ]

    @api.model
    def _class_labels(self):
        # sudo: names of classes are no secret.
        records = self.env["veloc.data.class"].sudo().search([], limit=100)
        return {**data_map.DATA_CLASSES, **{r.code: r.name for r in records}}

    def _permissions(self, partners):
        states = self.env["veloc.consent.state"].search(
            [("partner_id", "in", partners.ids), ("granted", "=", True)]
        )
        channels = dict(states._fields["channel"]._description_selection(self.env))
        return [
            (state.purpose_id.name, channels[state.channel])
            for state in states.sorted(lambda s: (s.purpose_id.sequence, s.channel))
        ] or [(self.env._("Consents"), self.env._("None in force"))]

    # === FULL (ART. 19 II) === #

    @api.model
    def _build(self, request):
        """Return ``(about, data)`` of the person of a request, JSON-safe."""
        partners = request._partners()
        company = request.company_id or self.env.company
        about = {
            "number": request.number,
            "right": request.kind,
            "law": request.article,
            "made_at": fields.Datetime.to_string(fields.Datetime.now()),
            "controller": self._controller(company),
            "origin": self._origin(partners),
            "criteria": self._criteria(),
            "purposes": self._purposes(partners),
            "sharing": self._sharing(company),
            "retention": self._retention(),
        }
        return about, self.env["veloc.personal.data"]._collect(partners)

    @api.model
    def _controller(self, company):
        # sudo: the company's letterhead, as on any paper of it.
        company = company.sudo()
        return {
            "name": company.name,
            "registration": company.vat or "",
            "address": company.partner_id._display_address(without_company=True),
            "officer": company._veloc_officer_contact(),
        }

    @api.model
    def _origin(self, partners):
        """Return where the data came from, ``[{"source", "from"}]``."""
        found = [
            {
                "source": self.env._("Your registration"),
                "from": fields.Datetime.to_string(partner.create_date),
            }
            for partner in partners
        ]
        groups = self.env["veloc.consent"]._read_group(
            [("partner_id", "in", partners.ids)], ["source"], ["recorded_at:min"]
        )
        return found + [
            {
                "source": self.env._("Your word, given by: %(way)s", way=source),
                "from": fields.Datetime.to_string(first),
            }
            for source, first in groups
        ]

    @api.model
    def _criteria(self):
        """Return by which criteria data are processed, sentences."""
        return [
            self.env._(
                "Before each contact a program asks: does the law or your consent "
                "allow it, are you protected from it, and is it a permitted hour."
            )
        ]

    @api.model
    def _purposes(self, partners):
        purposes = self.env["veloc.purpose"].search(
            [("current_version_id", "!=", False)]
        )
        field = self.env["veloc.purpose.version"]._fields["legal_basis"]
        bases = dict(field._description_selection(self.env))
        return [
            {
                "purpose": purpose.name,
                "basis": bases.get(purpose.legal_basis, ""),
                "notice": purpose.current_version_id.notice,
            }
            for purpose in purposes
        ]

    @api.model
    def _sharing(self, company):
        """Return with whom data are shared, for what, and where they are."""
        recipients = self.env["veloc.privacy.recipient"].search(
            [("company_id", "in", (company.id, False))]
        )
        kinds = dict(recipients._fields["kind"]._description_selection(self.env))
        return [
            {
                "recipient": recipient.name,
                "role": kinds[recipient.kind],
                "purpose": recipient.purpose,
                "country": recipient.country_id.name,
                "data": ", ".join(recipient.data_class_ids.mapped("name")),
            }
            for recipient in recipients
        ]

    @api.model
    def _retention(self):
        """Return how long each class is kept, by which law: the policies in force."""
        # sudo: which terms are in force is what the person asks for.
        policies = self.env["veloc.retention.policy"].sudo()
        labels = self._class_labels()
        return [
            {
                "data": labels[policy.data_class],
                "term": policy.term or "",
                "law": policy.law or "",
            }
            for policy in policies.search([("is_in_force", "=", True)])
        ]

    # === WORDS === #

    @api.model
    def _label(self, model, name):
        field = self.env[model]._fields.get(name)
        return field._description_string(self.env) if field else name

    @api.model
    def _labelled(self, data):
        """Return ``[(class, model, [labels], [[values]])]`` for people to read."""
        labels = self._class_labels()
        return [
            (
                labels[data_class],
                # sudo: the name of a list is no secret.
                self.env["ir.model"].sudo()._get(model).name,
                [self._label(model, name) for name in rows[0] if name != "id"],
                [[v for k, v in row.items() if k != "id"] for row in rows],
            )
            for data_class, by_model in data.items()
            for model, rows in by_model.items()
            if rows
        ]

    @api.model
    def _pdf_words(self):
        """Return the fixed words of the PDF in the reader's language."""
        return {
            "title": self.env._("Declaration of personal data"),
            "subtitle": self.env._("LGPD art. 19 II"),
            "number": self.env._("Request"),
            "made_at": self.env._("Made at (UTC)"),
            "controller": self.env._("Controller"),
            "officer": self.env._("Encarregado"),
            "origin": self.env._("Where the data come from"),
            "criteria": self.env._("By which criteria they are processed"),
            "purposes": self.env._("What for, and on which legal basis"),
            "sharing": self.env._("With whom they are shared"),
            "retention": self.env._("How long they are kept"),
            "data": self.env._("The data"),
            "more": self.env._("The remaining rows are in the JSON and CSV files."),
            "none": self.env._("Nothing"),
            "page": self.env._("Page"),
        }
