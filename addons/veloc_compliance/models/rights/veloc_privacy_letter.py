from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...rules import letter_text

CODES = [
    ("identity_code", "Code to prove the identity"),
    ("nothing_found", "We hold nothing about you"),
    ("received", "We have your request"),
    ("confirmation", "Answer: confirmation"),
    ("access", "Answer: access"),
    ("correction", "Answer: correction"),
    ("elimination", "Answer: anonymisation, blocking, elimination"),
    ("portability", "Answer: portability"),
    ("consent_elimination", "Answer: elimination of consented data"),
    ("sharing", "Answer: sharing"),
    ("refusal_info", "Answer: consequences of refusing"),
    ("revocation", "Answer: revocation"),
    ("opposition", "Answer: opposition"),
    ("automated_review", "Answer: review of automated decisions"),
    ("denied", "Refusal"),
    ("extended", "The term was extended"),
    ("waiting", "We need something from you"),
    ("recipient", "To a recipient of data"),
]


class VelocPrivacyLetter(models.Model):
    """The words of a letter about a request, in each language; gaps are filled."""

    _name = "veloc.privacy.letter"
    _description = "Letter to a data subject"
    _order = "id"
    _rec_name = "code"

    code = fields.Selection(CODES, "When", required=True, readonly=True)
    subject = fields.Char(required=True, translate=True)
    body = fields.Text(
        "Text",
        required=True,
        translate=True,
        help="Plain text. {{ first_name }}, {{ number }}, {{ received_on }}, "
        "{{ details }}, {{ link }} and the like are filled in.",
    )

    _once = models.UniqueIndex("(code)", "There is one letter of each kind.")

    # === CONSTRAINTS === #

    @api.constrains("subject", "body")
    def _check_gaps(self):
        for letter in self:
            unknown = letter_text.unknown_gaps(f"{letter.subject} {letter.body}")
            if unknown:
                raise ValidationError(
                    self.env._(
                        "Nobody would fill in: %(gaps)s", gaps=", ".join(unknown)
                    )
                )

    # === BUSINESS === #

    @api.model
    def _write_letter(self, code, values, lang):
        """Return ``(subject, text)`` in this language with the gaps filled."""
        # sudo: a letter is written by what happens, its words are no secret.
        letter = self.sudo().with_context(lang=lang).search([("code", "=", code)])
        return (
            letter_text.fill(letter.subject or "", values).replace("\n", " "),
            letter_text.fill(letter.body or "", values),
        )
