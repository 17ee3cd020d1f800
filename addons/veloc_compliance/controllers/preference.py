"""The pages behind the links in messages: anonymous, signed, without cookies."""

from odoo.http import request, route

from .public_page import PublicPage


class PreferenceController(PublicPage):
    """Show and take back a person's permissions. GET and HEAD never write.

    csrf off: the signed token is the authority, and there is no session to ride on.
    """

    @route(
        "/veloc/preferences/<token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        veloc_waits=("POST",),
        csrf=False,
        save_session=False,
        sitemap=False,
        max_content_length=65536,
    )
    def preferences(self, token, **_fields):
        """Show the boxes; on POST record what the person changed."""
        center_sudo, partner_sudo, _link = self._find("preferences", token)
        if not partner_sudo:
            return self._not_found()
        saved, stale, form = None, False, {}
        if request.httprequest.method == "POST":
            center_sudo._wait_turn(partner_sudo)
            form = request.httprequest.form.to_dict(flat=False)
            proof = self._proof("preference_page", center_sudo.env.lang)
            stale = bool(center_sudo._stale(form))
            saved = center_sudo._save(partner_sudo, form, proof)
        values = {
            "sections": center_sudo._page(partner_sudo),
            "fixed": center_sudo.env["veloc.purpose"]._irrevocable(),
            "saved": saved,
            "stale": stale,
            "receipts": center_sudo.env["veloc.receipt"]._listed(partner_sudo),
            "page_path": partner_sudo._veloc_preferences_path(),
            "links": center_sudo._links(partner_sudo),
            "pause": center_sudo._pause_section(partner_sudo, form),
        }
        return self._show("preferences_page", center_sudo, values)

    @route(
        "/veloc/unsubscribe/<token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        veloc_waits=("POST",),
        csrf=False,
        save_session=False,
        sitemap=False,
        max_content_length=65536,
    )
    def unsubscribe(self, token, **_fields):
        """Show one button; on POST (RFC 8058, also by mail programs) revoke."""
        center_sudo, partner_sudo, link = self._find("unsubscribe", token)
        if not partner_sudo:
            return self._not_found()
        is_done = request.httprequest.method == "POST"
        if is_done:
            center_sudo._wait_turn(partner_sudo)
            proof = self._proof("one_click", center_sudo.env.lang)
            center_sudo._unsubscribe(partner_sudo, link, proof)
        values = {
            "purpose": center_sudo.env["veloc.purpose"].browse(link.purpose_id),
            "channel": center_sudo._channel_labels().get(link.channel),
            "is_done": is_done,
            "preferences_url": partner_sudo._veloc_preferences_path(),
        }
        return self._show("unsubscribe_page", center_sudo, values)

    @route(
        "/veloc/preferences/<token>/receipt/<ref>/<kind>",
        type="http",
        auth="public",
        methods=["GET"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def receipt(self, token, ref, kind, **_fields):
        """Hand a person their own receipt, as JSON or PDF."""
        center_sudo, partner_sudo, _link = self._find("preferences", token)
        receipts_sudo = center_sudo.env["veloc.receipt"]
        consents = partner_sudo and receipts_sudo._find(ref, partner_sudo)
        if not consents or kind not in ("json", "pdf"):
            return self._not_found()
        file = receipts_sudo._file(consents, kind, center_sudo.env.lang)
        return self._download(*file)

    def _find(self, scope, token):
        # sudo: an anonymous visitor, but the token's signature names the person.
        partner_sudo, link = self._center()._find(scope, token)
        center_sudo = self._center(partner_sudo)
        return center_sudo, partner_sudo.with_env(center_sudo.env), link
