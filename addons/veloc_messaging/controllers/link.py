"""The short links in messages, and the image that tells when one is opened."""

import base64

from odoo.http import Controller, request, route

# A person's own link: no cache, search machine or next site is to learn of it.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class LinkController(Controller):
    """GET counts one visit and changes nothing else; HEAD does not even that."""

    @route(
        "/veloc/l/<code>",
        type="http",
        auth="public",
        methods=["GET"],
        veloc_waits=("GET",),
        save_session=False,
        sitemap=False,
    )
    def follow(self, code, **_query):
        """Lead on to where the link was made for."""
        # sudo: an anonymous visitor; the code is the authority and cannot be guessed.
        clicks_sudo = request.env["veloc.link.click"].sudo()
        if request.httprequest.method == "HEAD":
            target = clicks_sudo._target(code)
        else:
            target = clicks_sudo._follow(code, _visit())
        if not target:
            return request.render(
                "veloc_compliance.link_invalid_page", status=404, headers=HEADERS
            )
        answer = request.redirect(target, code=302, local=False)
        answer.headers.update(HEADERS)
        return answer

    @route(
        "/veloc/o/<code>",
        type="http",
        auth="public",
        methods=["GET"],
        veloc_waits=("GET",),
        save_session=False,
        sitemap=False,
    )
    def opened(self, code, **_query):
        """Answer with an invisible image, whatever the code."""
        if request.httprequest.method != "HEAD":
            # sudo: an anonymous visitor; the code is the authority.
            request.env["veloc.link.click"].sudo()._open(code, _visit())
        return request.make_response(PIXEL, {**HEADERS, "Content-Type": "image/gif"})


def _visit():
    http = request.httprequest
    return {
        "agent": http.user_agent.string,
        "headers": {name.lower(): value for name, value in http.headers.items()},
        "ip": http.remote_addr or "",
        "is_staff": request.env.user._is_internal(),
    }
