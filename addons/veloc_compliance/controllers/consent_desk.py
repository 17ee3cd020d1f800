"""Public pages of the consent desk: notices, confirmation, and checking a receipt."""

import json

from odoo.exceptions import AccessError
from odoo.http import request, route

from ..rules import confirmation, consent_receipt
from .public_page import PublicPage

_PAGE = {
    "type": "http",
    "auth": "public",
    "csrf": False,
    "save_session": False,
    "sitemap": False,
    "max_content_length": 300_000,
}


class ConsentDeskController(PublicPage):
    """csrf off: no page rests on a session; the confirmation rests on its token."""

    # === NOTICES === #

    @route(["/veloc/notice", "/veloc/notice/<code>"], methods=["GET"], **_PAGE)
    def notice(self, code=None, **_fields):
        """Show the notices of art. 9 in force, or one of them with its history."""
        center_sudo = self._center()
        notices = center_sudo._notices(code)
        if not notices:
            return self._not_found()
        return self._show(
            "notice_page", center_sudo, {"notices": notices, "code": code}
        )

    @route("/veloc/notice/<code>/<int:number>", methods=["GET"], **_PAGE)
    def notice_version(self, code, number, **_fields):
        """Show the words of an older version, as they were."""
        center_sudo = self._center()
        notices = center_sudo._notices(code, number)
        if not notices:
            return self._not_found()
        return self._show(
            "notice_page", center_sudo, {"notices": notices, "code": code}
        )

    # === CONFIRMATION === #

    @route(
        "/veloc/confirm/<token>",
        methods=["GET", "POST"],
        veloc_waits=("POST",),
        **_PAGE,
    )
    def confirm(self, token, **_fields):
        """Show what waits, with a button; POST alone records it."""
        limit = ("confirmation.page", confirmation.PER_VISITOR)
        slow = self._too_many(*limit, confirmation.PER_VISITOR_SECONDS)
        if slow:
            return slow
        center_sudo = self._center()
        pending_sudo = center_sudo.env["veloc.consent.pending"]._find(token)
        if not pending_sudo:
            return self._not_found()
        center_sudo = self._center(lang=self._lang_of(pending_sudo))
        pending_sudo = pending_sudo.with_env(center_sudo.env)
        if request.httprequest.method == "POST":
            pending_sudo._confirm(self._proof("double_opt_in", center_sudo.env.lang))
        values = center_sudo._confirmation_page(pending_sudo)
        return self._show("confirmation_page", center_sudo, values)

    def _lang_of(self, pending_sudo):
        partners = pending_sudo.env["res.partner"]
        return partners._veloc_installed_lang(pending_sudo.language)

    # === RECEIPTS === #

    @route("/veloc/receipt", methods=["GET", "POST"], **_PAGE)
    def check_receipt(self, **_fields):
        """Check a receipt that somebody pastes or uploads; nothing is stored."""
        slow = self._too_many("receipt.check", 30, 300)
        if slow:
            return slow
        center_sudo = self._center()
        receipt = finding = None
        if request.httprequest.method == "POST":
            content = self._sent_receipt()
            receipt, finding = center_sudo.env["veloc.receipt"]._check(content)
        values = {"receipt": receipt, "finding": finding}
        return self._show("receipt_page", center_sudo, values)

    def _sent_receipt(self):
        http = request.httprequest
        upload = http.files.get("file")
        content = upload.read(consent_receipt.LONGEST + 1) if upload else b""
        return content or http.form.get("receipt", "")

    @route("/veloc/receipt/keys", methods=["GET"], **_PAGE)
    def receipt_keys(self, **_fields):
        """Return the public keys of all receipts, for the check offline."""
        # sudo: public keys are public.
        pems = request.env["veloc.receipt.key"].sudo()._pems()
        content = json.dumps(pems, indent=2).encode()
        return self._download("veloc-receipt-keys.json", "application/json", content)

    @route("/veloc/receipts/<ref>/<kind>", type="http", auth="user", methods=["GET"])
    def staff_receipt(self, ref, kind, **_fields):
        """Hand staff a receipt; the consent's own access decides."""
        receipts = request.env["veloc.receipt"]
        try:
            consents = receipts._find(ref)
        except AccessError:
            return request.not_found()
        if not consents or kind not in ("json", "pdf"):
            return request.not_found()
        return self._download(*receipts._file(consents, kind, request.env.lang))

    # === IMPORTED FILES === #

    @route(
        "/veloc/consent-import/<int:import_id>/<kind>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def import_file(self, import_id, kind, **_fields):
        """Hand the encarregado the file of an import, or its refused rows."""
        job = request.env["veloc.consent.import"].browse(import_id).exists()
        is_officer = request.env.user.has_group("veloc_compliance.group_officer")
        if not job or not is_officer or kind not in ("original", "refused"):
            return request.not_found()
        job._note_download(kind)
        is_original = kind == "original"
        content = job._content() if is_original else job._refused_csv()
        name = job.filename if is_original else f"refused-{job.id}.csv"
        return self._download(name, "text/csv", content)
