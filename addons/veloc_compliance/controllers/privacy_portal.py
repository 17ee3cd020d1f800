"""A logged-in person's own data, and the desk's way to the sealed files."""

from werkzeug.exceptions import NotFound

from odoo.http import content_disposition, request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from .privacy import _download


class PrivacyPortalController(CustomerPortal):
    """For whoever is logged in the login is the proof: data show at once."""

    @route(
        "/my/privacy",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def mine(self, **form):
        """Show the person's data and requests; on POST open a request."""
        portal_sudo = self._portal()
        said = None
        if request.httprequest.method == "POST":
            said = portal_sudo._ask(form)
        values = {
            **self._prepare_portal_layout_values(),
            **portal_sudo._show(),
            "said": said,
            "page_name": "privacy",
        }
        return request.render("veloc_compliance.privacy_portal_page", values)

    @route("/my/privacy/<int:package_id>", type="http", auth="user", methods=["POST"])
    def fetch_mine(self, package_id, **_form):
        """Hand out a file of this person's own requests."""
        package_sudo = self._portal()._package(package_id)
        if not package_sudo:
            raise NotFound()
        return _download(package_sudo, "portal")

    @route(
        "/veloc/privacy/package/<int:package_id>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def fetch_for_desk(self, package_id):
        """Hand out a file to whoever works its request; each time is in the ledger."""
        package = request.env["veloc.privacy.package"].browse(package_id).exists()
        if not package or not package.has_access("read"):
            raise NotFound()
        package.request_id._check_worker()
        return _download(package, "desk")

    @route(
        "/veloc/privacy/proof/<int:proof_id>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def open_proof(self, proof_id):
        """Show a proof to whoever works its request; each time is in the ledger."""
        proof = request.env["veloc.privacy.proof"].browse(proof_id).exists()
        if not proof or not proof.has_access("read"):
            raise NotFound()
        proof.request_id._check_worker()
        headers = {
            "Content-Type": proof.mimetype,
            "Content-Disposition": content_disposition(f"proof-{proof.id}"),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        return request.make_response(proof._open(), headers=list(headers.items()))

    def _portal(self):
        # sudo: portal users have no rights here; all is about their own contact.
        return request.env["veloc.privacy.portal"].sudo()
