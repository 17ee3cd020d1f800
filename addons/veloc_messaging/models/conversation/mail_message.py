from odoo import fields, models
from odoo.tools import SQL

MODEL = "veloc.conversation"


class MailMessage(models.Model):
    """Tells the chatter by which channel a message went and what became of it."""

    _inherit = "mail.message"

    veloc_badge = fields.Json(compute="_compute_veloc_badge")

    def _compute_veloc_badge(self):
        """One query for those of conversations, none for the others."""
        ours = self.filtered(lambda message: message.model == MODEL)
        (self - ours).veloc_badge = False
        if not ours:
            return
        # sudo: whoever sees the message may see how it travelled.
        entries_sudo = self.env["veloc.conversation.entry"].sudo()
        entries_sudo.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.mail_message_id, e.voice, e.channel, e.media, m.state,
                       m.failure_class, m.id
                  FROM veloc_conversation_entry e
                  LEFT JOIN veloc_message m ON m.id = e.message_id
                 WHERE e.mail_message_id = ANY(%s)
                """,
                ours.ids,
            )
        )
        labels = self._veloc_labels()
        badges = {row[0]: self._veloc_badge(row, labels) for row in rows}
        for message in ours:
            message.veloc_badge = badges.get(message.id, False)

    def _veloc_labels(self):
        fields_ = {
            "voice": self.env["veloc.conversation.entry"]._fields["voice"],
            "channel": self.env["veloc.conversation.entry"]._fields["channel"],
            "state": self.env["veloc.message"]._fields["state"],
            "failure": self.env["veloc.message"]._fields["failure_class"],
        }
        return {
            name: dict(field._description_selection(self.env))
            for name, field in fields_.items()
        }

    def _veloc_badge(self, row, labels):
        _id, voice, channel, media, state, failure, message_id = row
        return {
            "voice": voice,
            "voice_label": labels["voice"].get(voice),
            "channel": channel,
            "channel_label": labels["channel"].get(channel, channel),
            "state": state,
            "state_label": labels["state"].get(state),
            "failure_label": labels["failure"].get(failure),
            "message_id": message_id,
            "media": [{"ref": ref, "type": kind} for ref, kind in media or ()],
        }

    def _to_store_defaults(self, target):
        """Send the badge along with the message."""
        return [*super()._to_store_defaults(target), "veloc_badge"]
