from odoo import fields, models
from odoo.tools import SQL


class VelocReconsentPerson(models.Model):
    """One person of a round: asked, when, and what they said since."""

    _name = "veloc.reconsent.person"
    _description = "Person asked again"
    _log_access = False
    _order = "id"
    _rec_name = "partner_id"

    round_id = fields.Many2one(
        "veloc.reconsent", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(
        [
            ("waiting", "Not asked yet"),
            ("asked", "Asked"),
            ("unreached", "Not reachable"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    asked_at = fields.Datetime(readonly=True)
    answer = fields.Selection(
        [("yes", "Said yes again"), ("no", "Said no"), ("silent", "Silent")],
        compute="_compute_answer",
    )

    _once = models.Constraint(
        "UNIQUE(round_id, partner_id)", "A person is asked once per round."
    )
    _waiting_idx = models.Index("(id) WHERE state = 'waiting'")

    # === COMPUTE === #

    def _compute_answer(self):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, answer FROM (%s) person WHERE id = ANY(%s)",
                self._answers_query(self.round_id.ids),
                self.ids,
            )
        )
        answers = dict(rows)
        for person in self:
            person.answer = answers.get(person.id, "silent")

    def _answers_query(self, round_ids):
        """Return SQL of these rounds' people with what they answered since."""
        return SQL(
            """
            SELECT p.id, p.round_id, p.state, CASE
                WHEN bool_or(s.granted AND s.version_number >= v.covers_from)
                    THEN 'yes'
                WHEN bool_or(NOT s.granted AND s.recorded_at >= r.started_at)
                    THEN 'no'
                ELSE 'silent' END AS answer
            FROM veloc_reconsent_person p
            JOIN veloc_reconsent r ON r.id = p.round_id
            JOIN veloc_purpose_version v ON v.id = r.version_id
            LEFT JOIN veloc_consent_state s
                ON s.partner_id = p.partner_id AND s.purpose_id = v.purpose_id
            WHERE p.round_id = ANY(%s) GROUP BY p.id
            """,
            list(round_ids),
        )

    # === BUSINESS === #

    def _ask(self):
        """Write to these people, each in their own language; note who was reached."""
        notices = {
            person.id: person._prepare_notice(url) for person, url in self._with_pages()
        }
        outcomes = self.env["veloc.notice"]._send(list(notices.values()))
        reached = self.filtered(
            lambda p: outcomes[notices[p.id]["key"]] in ("sent", "duplicate")
        )
        # sudo: the round is written by its own methods only.
        reached.sudo().write({"state": "asked", "asked_at": fields.Datetime.now()})
        (self - reached).sudo().write({"state": "unreached"})

    def _with_pages(self):
        # sudo: the link is made for the addressee, and only sent to them.
        urls = self.partner_id.sudo()._veloc_preferences_url()
        return [(person, urls[person.partner_id.id]) for person in self]

    def _prepare_notice(self, url):
        center = self.env["veloc.preference.center"]
        # sudo: the language they read.
        lang = center._language(self.partner_id.sudo())
        self = self.with_context(lang=lang)
        purpose = self.round_id.purpose_id.name
        return {
            "partner_id": self.partner_id.id,
            "code": "reconsent",
            "key": f"reconsent:{self.round_id.id}:{self.partner_id.id}",
            "subject": self.env._(
                "“%(purpose)s”: the terms have changed, please choose again",
                purpose=purpose,
            ),
            "text": self.env._(
                "You agreed to be contacted about “%(purpose)s”. What we use your data "
                "for has changed, so your consent no longer counts and we have stopped."
                "\n\nRead the new text and choose here, yes or no:\n%(url)s\n\n"
                "If you do nothing, we do not contact you about this.",
                purpose=purpose,
                url=url,
            ),
        }
