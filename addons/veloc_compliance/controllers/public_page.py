"""What the anonymous pages have in common: no cookies, no traces, two languages."""

from odoo.http import Controller, content_disposition, request

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


class PublicPage(Controller):
    """Renders pages for people who have no account here."""

    def _center(self, partner=None, lang=None):
        """Return the preference centre in the language asked for, ``lang``, theirs."""
        # sudo: an anonymous visitor; the pages show what is meant for everybody, or
        # for the person whom a signed link names.
        center_sudo = request.env["veloc.preference.center"].sudo()
        nobody = center_sudo.env["res.partner"]
        wanted = request.httprequest.args.get("lang") or lang
        lang = center_sudo._language(nobody if partner is None else partner, wanted)
        return center_sudo.with_context(lang=lang)

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

    def _download(self, name, mimetype, content):
        """Return a file that no cache keeps."""
        kept = ("Cache-Control", "Referrer-Policy", "X-Content-Type-Options")
        return request.make_response(
            content,
            [
                ("Content-Type", mimetype),
                ("Content-Length", str(len(content))),
                ("Content-Disposition", content_disposition(name)),
                *((header, HEADERS[header]) for header in kept),
            ],
        )

    def _not_found(self):
        # The same page whoever asks and whatever was wrong: it tells nothing.
        center = request.env["veloc.preference.center"].with_context(lang="en_US")
        return self._show("link_invalid_page", center, {}, status=404)

    def _too_many(self, scope, limit, seconds):
        """Return a page that asks to wait if this visitor comes too often, or None."""
        # sudo: the counter is nobody's; it stores a hash of the address.
        limits_sudo = request.env["veloc.rate.limit"].sudo()
        address = request.httprequest.remote_addr or ""
        wait = limits_sudo._hit(scope, address, limit, seconds)
        if not wait:
            return None
        answer = self._show("too_many_page", self._center(), {}, status=429)
        answer.headers["Retry-After"] = str(wait)
        return answer
