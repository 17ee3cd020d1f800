"""The encarregado's public page, and the register of processing as a file."""

import json

from odoo.http import request, route

from ..report import compliance_report_xlsx
from .public_page import PublicPage


class RegisterController(PublicPage):
    @route(
        "/veloc/encarregado",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        sitemap=True,
    )
    def officer(self, **_fields):
        """Show who the encarregado is and how to reach them (LGPD art. 41 § 1)."""
        center_sudo = self._center()
        card = center_sudo.env.company._veloc_dpo_card()
        return self._show("officer_page", center_sudo, card)

    @route(
        "/veloc/register/<kind>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def register(self, kind, **_fields):
        """Hand the register of processing to those who work with it."""
        activities = request.env["veloc.processing.activity"]
        if kind not in ("xlsx", "json") or not activities.has_access("read"):
            return request.not_found()
        headings, rows = activities._register_table()
        if kind == "xlsx":
            title = request.env._("Register of processing")
            content = compliance_report_xlsx.register(title, headings, rows)
            mimetype = (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            )
        else:
            content = json.dumps(
                activities._register_json(), ensure_ascii=False, indent=1
            ).encode()
            mimetype = "application/json"
        return self._download(f"veloc-register.{kind}", mimetype, content)
