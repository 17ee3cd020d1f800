"""Static lists: filled by hand, by import or as a snapshot of a live segment."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...rules.segment_list import read_list

# In this order: what names one person only comes first.
WAYS = ("external_ref", "cpf", "email", "phone")


class VelocSegment(models.Model):
    """A list changes only when somebody changes it, and each change is a line."""

    _inherit = "veloc.segment"

    def action_snapshot(self):
        """Keep those who are in now as a static list, and open it."""
        self.ensure_one()
        self.check_access("write")
        now = fields.Datetime.now()
        day = self.env["veloc.segment.engine"]._clock(now).today
        snapshot = self.create(
            {
                "name": self.env._("%(name)s, %(day)s", name=self.name, day=day),
                "code": f"{self.code[:40]}_{now:%Y%m%d_%H%M%S}",
                "kind": "static",
                "company_id": self.company_id.id,
                "for_care": self.for_care,
            }
        )
        self.env["veloc.segment.engine"]._change_list(
            snapshot, self._member_ids(), [], now
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": snapshot.id,
            "views": [(False, "form")],
        }

    def action_import(self):
        """Open the dialog that puts people on the list or takes them off."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_segment_import_action"
        )
        return {**action, "context": {"default_segment_id": self.id}}

    def action_explain(self):
        """Open the question why somebody is in or not."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_segment_explain_action"
        )
        return {**action, "context": {"default_segment_id": self.id}}

    def action_open_members(self):
        """Open the people of this segment."""
        return self._open_own("veloc_crm.veloc_segment_member_action")

    def action_open_moves(self):
        """Open who came in and who left."""
        return self._open_own("veloc_crm.veloc_segment_event_action")

    def action_open_sizes(self):
        """Open the size over time."""
        return self._open_own("veloc_crm.veloc_segment_size_action")

    def _open_own(self, xml_id):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return {**action, "domain": [("segment_id", "=", self.id)], "context": {}}

    def _change_by_text(self, text, is_removal=False):
        """Change a static list by what a file says; return what became of each line.

        ``{"changed": n, "found": n, "unknown": [(line, text, why)]}``; a line that
        names several people is no name.
        """
        self.ensure_one()
        self.check_access("write")
        if self.kind != "static":
            raise UserError(self.env._("People are put on static lists only."))
        named = read_list(text)
        traders = self._find_traders({one.text for one in named})
        unknown = [
            (one.line, one.text, "several" if traders.get(one.text) else "unknown")
            for one in named
            if len(traders.get(one.text, ())) != 1
        ]
        ids = {ids[0] for ids in traders.values() if len(ids) == 1}
        added, removed = ([], ids) if is_removal else (ids, [])
        moves = self.env["veloc.segment.engine"]._change_list(
            self, added, removed, fields.Datetime.now()
        )
        return {"changed": len(moves), "found": len(ids), "unknown": unknown}

    @api.model
    def _find_traders(self, texts):
        """Return ``{text: [trader ids]}`` of the companies the user may see."""
        partners, left = {}, set(texts)
        for way in WAYS:
            # sudo: found by values the importer knows; who may be seen is asked below.
            found = self.env["res.partner"].sudo()._veloc_find(way, left)
            partners |= {text: ids for text, ids in found.items() if ids}
            left -= partners.keys()
        visible = self.env["veloc.trader"].search(
            [("partner_id", "in", [id_ for ids in partners.values() for id_ in ids])]
        )
        of_partner = {trader.partner_id.id: trader.id for trader in visible}
        return {
            text: [of_partner[id_] for id_ in ids if id_ in of_partner]
            for text, ids in partners.items()
        }
