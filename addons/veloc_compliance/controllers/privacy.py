"""The public page of the rights of data subjects: anonymous, without cookies."""

from odoo.exceptions import UserError
from odoo.http import Controller, content_disposition, request, route

from .public_page import HEADERS

OPTIONS = {
    "type": "http",
    "auth": "public",
    "methods": ["GET", "POST"],
    "csrf": False,
    "save_session": False,
    "sitemap": False,
    "max_content_length": 6 * 1024 * 1024,
}


class PrivacyController(Controller):
    """Ask for one's data, prove who one is, follow the request, fetch the files.

    csrf off: there is no session to ride on; who asks proves it by a code that goes to
    the contact data we hold. GET and HEAD never write.
    """

    @route("/veloc/privacy", **OPTIONS)
    def ask(self, **_fields):
        """Show the form; on POST write the request down and ask for the code."""
        page_sudo = self._page()
        form = request.httprequest.form.to_dict()
        if request.httprequest.method != "POST":
            return self._show(page_sudo, "privacy_ask_page", {"form": {}})
        fault, kind, identity, more = page_sudo._read(form)
        if fault:
            values = {"form": form, "fault": fault}
            return self._show(page_sudo, "privacy_ask_page", values)
        wait = page_sudo._wait(request.httprequest.remote_addr or "", identity)
        if wait:
            return self._busy(page_sudo, wait)
        try:
            token = page_sudo._ask(kind, identity, more, self._proof())
        except UserError as error:
            values = {"form": form, "fault": "proof", "words": str(error)}
            return self._show(page_sudo, "privacy_ask_page", values)
        return self._show(page_sudo, "privacy_code_page", {"token": token})

    @route("/veloc/privacy/<token>", veloc_waits=("POST",), **OPTIONS)
    def follow(self, token, **_fields):
        """Show one request; on POST take the code that proves the identity."""
        page_sudo = self._page()
        asked_sudo = page_sudo.env["veloc.privacy.request"]._by_token(token)
        if not asked_sudo:
            return self._not_found(page_sudo)
        asked_sudo = asked_sudo.with_env(page_sudo.env)
        is_wrong = False
        if request.httprequest.method == "POST" and not asked_sudo.verified_at:
            wait = page_sudo._wait_code(request.httprequest.remote_addr or "")
            if wait:
                return self._busy(page_sudo, wait)
            code = request.httprequest.form.get("code", "")
            is_wrong = not asked_sudo._try_code(code[:32])
        values = page_sudo._follow(asked_sudo)
        template = "privacy_status_page" if values["is_proven"] else "privacy_code_page"
        values |= {"token": token, "is_wrong": is_wrong}
        return self._show(page_sudo, template, values)

    @route(
        "/veloc/privacy/<token>/<int:package_id>",
        type="http",
        auth="public",
        methods=["POST"],
        veloc_waits=("POST",),
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def fetch(self, token, package_id, **_fields):
        """Hand out a file of a proven request; POST, so that no scanner fetches it."""
        page_sudo = self._page()
        asked_sudo = page_sudo.env["veloc.privacy.request"]._by_token(token)
        packages_sudo = asked_sudo.package_ids if asked_sudo.verified_at else ()
        for package_sudo in packages_sudo:
            if package_sudo.id == package_id and package_sudo._is_open():
                return _download(package_sudo, "page")
        return self._not_found(page_sudo)

    def _page(self):
        # sudo: an anonymous visitor; what they get to see hangs on token and code.
        center_sudo = request.env["veloc.preference.center"].sudo()
        nobody = center_sudo.env["res.partner"]
        lang = center_sudo._language(nobody, request.httprequest.args.get("lang"))
        return center_sudo.env["veloc.privacy.page"].with_context(lang=lang)

    def _proof(self):
        upload = request.httprequest.files.get("proof")
        return upload.read() if upload and upload.filename else None

    def _busy(self, page_sudo, wait):
        answer = self._show(page_sudo, "privacy_busy_page", {}, status=429)
        answer.headers["Retry-After"] = str(wait)
        return answer

    def _not_found(self, page_sudo):
        return self._show(page_sudo, "privacy_gone_page", {}, status=404)

    def _show(self, page_sudo, template, values, status=200):
        lang = page_sudo.env.lang or "en_US"
        request.update_context(lang=lang)
        return request.render(
            f"veloc_compliance.{template}",
            {**page_sudo._form(), **values, "page_lang": lang.replace("_", "-")},
            status=status,
            headers=HEADERS,
        )


def _download(package_sudo, way):
    """Return the file as an answer that no cache keeps and no browser guesses about."""
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": content_disposition(package_sudo.file_name),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return request.make_response(
        package_sudo._download(way), headers=list(headers.items())
    )
