from odoo import api, models
from odoo.tools.misc import format_datetime

from ...rules import care_terms
from ...rules.suppression import BINDING


class VelocPreferenceCenter(models.AbstractModel):
    """The page's section for a pause: immediate, and the person's own decision."""

    _inherit = "veloc.preference.center"

    @api.model
    def _pause_section(self, partner, form=None):
        """Return what the section shows: terms to choose, or until when it holds."""
        term, is_confirmed = care_terms.read_wish(form or {})
        standing = self.env["veloc.suppression"].search(
            [
                ("partner_id", "=", partner.id),
                ("kind", "in", list(BINDING)),
                ("is_active", "=", True),
            ]
        )
        ends = [block.until_at for block in standing]
        zone = partner._veloc_zones()[partner.id]
        until = max(ends) if ends and all(ends) else None
        return {
            "terms": self._pause_terms(),
            "chosen": term,
            "unconfirmed": bool(term) and not is_confirmed,
            "is_paused": bool(standing),
            "until": until and format_datetime(self.env, until, tz=zone),
        }

    def _pause_terms(self):
        env = self.env
        labels = {
            "24h": env._("24 hours"),
            "1m": env._("1 month"),
            "3m": env._("3 months"),
            "6m": env._("6 months"),
            "12m": env._("12 months"),
            "indefinite": env._("Without an end"),
        }
        return [{"code": code, "label": labels[code]} for code in care_terms.TERMS]

    @api.model
    def _save(self, partner, form, proof):
        """Record a pause that was confirmed; everything else as before."""
        if "pause" not in form.get("action", ()):
            return super()._save(partner, form, proof)
        term, is_confirmed = care_terms.read_wish(form)
        if not (term and is_confirmed):
            return 0
        self.env["veloc.suppression"]._exclude(partner.ids, term, proof.source)
        self.env["veloc.ledger.entry"]._note(
            "care",
            model="veloc.suppression",
            subject_id=partner.id,
            public={"asked_by": "person", "term": term, "source": proof.source},
            secret={"ip": proof.ip, "user_agent": proof.user_agent[:512]},
        )
        return 1
