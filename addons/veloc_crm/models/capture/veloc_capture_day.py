from datetime import UTC

from odoo import api, fields, models
from odoo.tools import SQL

COUNTED = (
    "shows",
    "closes",
    "submissions",
    "confirmations",
    "signups_started",
    "signups_left",
    "deposits_started",
    "deposits_left",
)


class VelocCaptureDay(models.Model):
    """How often a form was seen, closed, sent and confirmed on one day.

    Numbers only: there is no row of a visitor anywhere.
    """

    _name = "veloc.capture.day"
    _description = "Numbers of a capture form"
    _log_access = False
    _order = "day desc, form_id, variant_id"
    _rec_name = "day"

    form_id = fields.Many2one(
        "veloc.capture.form", required=True, readonly=True, ondelete="cascade"
    )
    variant_id = fields.Many2one(
        "veloc.capture.variant", readonly=True, ondelete="cascade", index=True
    )
    day = fields.Date(required=True, readonly=True)
    shows = fields.Integer("Views", readonly=True)
    closes = fields.Integer("Closings", readonly=True)
    submissions = fields.Integer("Sendings", readonly=True)
    confirmations = fields.Integer(readonly=True)
    signups_started = fields.Integer("Sign-ups begun", readonly=True)
    signups_left = fields.Integer("Sign-ups left", readonly=True)
    deposits_started = fields.Integer("Deposits begun", readonly=True)
    deposits_left = fields.Integer("Deposits left", readonly=True)

    _one_row = models.UniqueIndex(
        "(form_id, day, COALESCE(variant_id, 0))", "One row a day and variant."
    )

    @api.model
    def _count(self, form, variant, what):
        """Count one; beside the request's transaction, so that nobody waits or fails.

        ``what`` is one of ``COUNTED``.
        """
        if what not in COUNTED:
            raise ValueError(what)
        zone = self.env["veloc.ingest.fold"]._get_zone()
        now = fields.Datetime.now().replace(tzinfo=UTC)
        # A variant that was written in this very request must be there.
        self.env.flush_all()
        self.env["veloc.rate.limit"]._on_the_spot(
            SQL(
                """
                INSERT INTO veloc_capture_day AS d (form_id, variant_id, day, %(name)s)
                VALUES (%(form)s, %(variant)s, %(day)s, 1)
                ON CONFLICT (form_id, day, COALESCE(variant_id, 0))
                DO UPDATE SET %(name)s = COALESCE(d.%(name)s, 0) + 1 RETURNING id
                """,
                name=SQL.identifier(what),
                form=form.id,
                variant=variant.id or None,
                day=now.astimezone(zone).date(),
            )
        )
        self.invalidate_model()
