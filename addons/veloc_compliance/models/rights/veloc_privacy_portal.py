from odoo import api, models

from ...const import REQUEST_KINDS
from ...rules import privacy_identity
from .veloc_privacy_correction import FIELDS

PER_PERSON = (10, 3600)


class VelocPrivacyPortal(models.AbstractModel):
    """The customer portal's page: about the contact of whoever is logged in."""

    _name = "veloc.privacy.portal"
    _description = "Privacy page of the portal"

    @api.model
    def _me(self):
        return self.env.user.partner_id

    @api.model
    def _show(self):
        """Return what the page shows: the data at once, requests, files."""
        mine = self.env["veloc.privacy.request"].search(
            [("partner_id", "=", self._me().id), ("verified_at", "!=", False)],
            order="received_at desc",
        )
        kinds = mine._fields["kind"]._description_selection(self.env)
        states = mine._fields["state"]._description_selection(self.env)
        corrections = self.env["veloc.privacy.correction"]._fields["field"]
        return {
            "sections": self.env["veloc.declaration"]._simple(self._me()),
            "requests": mine,
            "packages": mine.package_ids.filtered(lambda p: p._is_open()),
            "kinds": kinds,
            "kind_labels": dict(kinds),
            "state_labels": dict(states),
            "fields": corrections._description_selection(self.env),
            "officer": self.env.company._veloc_officer_contact(),
        }

    @api.model
    def _ask(self, form):
        """Open a request in the person's own name; return what became of it."""
        kind = form.get("kind")
        if kind not in dict(REQUEST_KINDS):
            return "kind"
        limits = self.env["veloc.rate.limit"]
        if limits._hit("privacy_portal", str(self.env.uid), *PER_PERSON):
            return "busy"
        more = {"details": form.get("details") or ""}
        field, value = form.get("field"), (form.get("value") or "").strip()
        if field in dict(FIELDS) and value:
            more["correction"] = {"field": field, "value": value[:254]}
        me = self._me()
        requests = self.env["veloc.privacy.request"]
        told = privacy_identity.read({"email": me.email_normalized or ""})
        request = requests._receive(kind, told, "portal", lang=me.lang, **more)
        request._proven_by_login(me)
        return request.state

    @api.model
    def _package(self, package_id):
        """Return a file if it is this person's and open, else nothing."""
        package = self.env["veloc.privacy.package"].browse(package_id).exists()
        is_mine = package.request_id.partner_id == self._me()
        return package if package and is_mine and package._is_open() else None
