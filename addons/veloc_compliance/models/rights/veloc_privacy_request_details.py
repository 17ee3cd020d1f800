from odoo import fields, models


class VelocPrivacyRequest(models.Model):
    """What the answer to each right says: the middle of the letter."""

    _inherit = "veloc.privacy.request"

    def _answer_details(self):
        """Return the text of ``{{ details }}`` for this request's right."""
        self.ensure_one()
        return getattr(self, f"_details_{self.kind}")()

    def _listed(self, pairs):
        return "\n".join(f"- {label}: {value}" for label, value in pairs)

    def _details_confirmation(self):
        declaration = self.env["veloc.declaration"]
        holdings = declaration._holdings(self._partners())
        return f"{declaration._confirmation(self._partners())}\n\n" + self._listed(
            holdings
        )

    def _details_access(self):
        return self._details_confirmation()

    def _details_portability(self):
        return self.env._(
            "The file holds your data as JSON and as CSV tables, with a list of hashes "
            "that shows that nothing was changed on the way."
        )

    def _details_correction(self):
        field = self.env["veloc.privacy.correction"]._fields
        names = dict(field["field"]._description_selection(self.env))
        words = dict(field["decision"]._description_selection(self.env))
        return "\n".join(
            f"- {names[line.field]}: {words[line.decision]}"
            + (f" ({line.refusal})" if line.refusal else "")
            for line in self.correction_ids
        )

    def _details_elimination(self):
        labels = dict(self._fields["measure"]._description_selection(self.env))
        held = self._held_in_words()
        done = self.env._("Measure: %(measure)s.", measure=labels.get(self.measure, ""))
        return f"{done}\n\n{held}" if held else done

    def _held_in_words(self):
        """Return which laws oblige us to keep something, and until when."""
        held = self.env["veloc.legal.hold"]._held(self._partners().ids)
        lines = {
            (law, fields.Date.to_string(until) if until else "…")
            for holds in held.values()
            for law, until in holds
        }
        if not lines:
            return ""
        head = self.env._(
            "Some records must be kept by law until the day named; until then nobody "
            "works with them, and then they are destroyed:"
        )
        return f"{head}\n{self._listed(sorted(lines))}"

    def _details_consent_elimination(self):
        return self.env._(
            "Your consents were taken back, and what we had only because of them is "
            "gone: push addresses, followed links and their clicks, campaign notes."
        )

    def _details_sharing(self):
        company = self.company_id or self.env.company
        shared = self.env["veloc.declaration"]._sharing(company)
        if not shared:
            return self.env._("We share your data with nobody.")
        return "\n".join(
            "- " + " · ".join(value for value in entry.values() if value)
            for entry in shared
        )

    def _details_refusal_info(self):
        purposes = self.env["veloc.purpose"]._revocable()
        head = self.env._(
            "You may refuse each of these, or take your consent back at any time, free "
            "of charge. Your account works the same; you only stop getting these "
            "messages:"
        )
        return f"{head}\n" + "\n".join(f"- {purpose.name}" for purpose in purposes)

    def _details_revocation(self):
        purposes = self.env["veloc.purpose"]._revocable()
        names = purposes.filtered(lambda p: p.legal_basis == "consent").mapped("name")
        return self._withdrawn_in_words(names)

    def _details_opposition(self):
        purposes = self.env["veloc.purpose"]._revocable()
        names = purposes.filtered(
            lambda p: p.legal_basis == "legitimate_interest"
        ).mapped("name")
        stopped = self.env._("Offers and news on every channel have stopped.")
        words = self._withdrawn_in_words(names) if names else ""
        return f"{stopped}\n\n{words}".strip()

    def _withdrawn_in_words(self, names):
        return "\n".join(
            "- " + self.env._("%(purpose)s: stopped on every channel", purpose=name)
            for name in names
        )

    def _details_automated_review(self):
        if not self.review_ids:
            return self.env._("No program decided anything about you by itself.")
        outcomes = dict(
            self.env["veloc.privacy.review"]
            ._fields["outcome"]
            ._description_selection(self.env)
        )
        blocks = [
            "\n".join(
                filter(
                    None,
                    (
                        f"{review.subject}: {review.decision}",
                        review.version,
                        review.criteria,
                        review.features_text,
                        f"→ {outcomes.get(review.outcome, '…')}: {review.reason or ''}",
                    ),
                )
            )
            for review in self.review_ids
        ]
        return "\n\n".join(blocks)
