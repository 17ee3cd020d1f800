from odoo import models
from odoo.tools import SQL

CLOSED = ("window", "window_closed")
REFUSED = ("policy", "template_not_approved_by_whatsapp")
# Text alone may still go out while the window is open.
UNUSABLE = ("queued", "draft", "pending", "rejected", "paused", "disabled")


class VelocDispatcher(models.AbstractModel):
    """Keeps back what WhatsApp would refuse: a template it did not approve."""

    _inherit = "veloc.dispatcher"

    def _refusals(self, rows, now):
        refused = super()._refusals(rows, now)
        ours = [
            row
            for row in rows
            if row["channel"] == "whatsapp"
            # Why the text is no template tells more than that the window is closed.
            and refused.get(row["id"], CLOSED)[1] == CLOSED[1]
        ]
        unusable = self._unusable_templates(ours)
        if not unusable:
            return refused
        rows = [row for row in ours if _text_of(row) in unusable]
        windows = self.env["veloc.conversation"]._window_until(
            "whatsapp", [row["partner_id"] for row in rows]
        )
        for row in rows:
            # It was queued as a template and was paused since.
            is_template = bool(row["content_sid"] or row["template_name"])
            until = windows.get(row["partner_id"])
            if is_template or not until or until <= now:
                refused[row["id"]] = REFUSED
        return refused

    def _unusable_templates(self, rows):
        """Return the ``(version id, language)`` whose template may not be sent."""
        if not rows:
            return set()
        versions = {row["template_version_id"] for row in rows}
        self.env["veloc.template.body"].flush_model(["submission_status"])
        found = self.env.execute_query(
            SQL(
                "SELECT version_id, lang FROM veloc_template_body "
                "WHERE version_id = ANY(%s) AND channel = 'whatsapp' "
                "AND submission_status = ANY(%s)",
                list(versions),
                list(UNUSABLE),
            )
        )
        return set(found)


def _text_of(row):
    return row["template_version_id"], row["lang"]
