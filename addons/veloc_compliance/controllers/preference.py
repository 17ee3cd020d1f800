"""The pages behind the links in messages: anonymous, signed, without cookies."""

from odoo.http import Controller, request, route

from ..models.veloc_preference_center import Proof

# Only a person's own link gets here; it must not leak to other sites or caches.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


class PreferenceController(Controller):
    """Show and take back a person's permissions. GET and HEAD never write.

    csrf off: the signed token is the authority, and there is no session to ride on.
    """

    @route(
        "/veloc/preferences/<token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
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
        saved = None
        if request.httprequest.method == "POST":
            form = request.httprequest.form.to_dict(flat=False)
            proof = self._proof("preference_page", center_sudo.env.lang)
            saved = center_sudo._save(partner_sudo, form, proof)
        values = {
            "sections": center_sudo._page(partner_sudo),
            "fixed": center_sudo.env["veloc.purpose"]._irrevocable(),
            "saved": saved,
            "links": center_sudo._links(partner_sudo),
        }
        return self._show("preferences_page", center_sudo, values)

    @route(
        "/veloc/unsubscribe/<token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
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
            proof = self._proof("one_click", center_sudo.env.lang)
            center_sudo._unsubscribe(partner_sudo, link, proof)
        values = {
            "purpose": center_sudo.env["veloc.purpose"].browse(link.purpose_id),
            "channel": center_sudo._channel_labels().get(link.channel),
            "is_done": is_done,
            "preferences_url": partner_sudo._veloc_preferences_path(),
        }
        return self._show("unsubscribe_page", center_sudo, values)

    def _find(self, scope, token):
        # sudo: an anonymous visitor, but the token's signature names the person.
        center_sudo = request.env["veloc.preference.center"].sudo()
        partner_sudo, link = center_sudo._find(scope, token)
        lang = center_sudo._language(partner_sudo, request.httprequest.args.get("lang"))
        center_sudo = center_sudo.with_context(lang=lang)
        return center_sudo, partner_sudo.with_env(center_sudo.env), link

    def _proof(self, source, lang):
        http = request.httprequest
        return Proof(source, http.remote_addr or "", http.user_agent.string, lang)

    def _show(self, template, center_sudo, values, status=200):
        lang = center_sudo.env.lang or "en_US"
        request.update_context(lang=lang)
        return request.render(
            f"veloc_compliance.{template}",
            {**values, "page_lang": lang.replace("_", "-")},
            status=status,
            headers=HEADERS,
        )

    def _not_found(self):
        # The same page whoever asks and whatever was wrong: it tells nothing.
        center = request.env["veloc.preference.center"].with_context(lang="en_US")
        return self._show("link_invalid_page", center, {}, status=404)
