"""The only way an identity proof leaves the house: by name, as a download, noted."""

from odoo.exceptions import AccessError, MissingError
from odoo.http import Controller, content_disposition, request, route

from ..rules.field_cipher import CannotOpen


class IdentityProof(Controller):
    """Hands over what the user may read."""

    @route("/veloc/proof/<int:proof_id>", type="http", auth="user", methods=["GET"])
    def download(self, proof_id):
        """Answer with the file, or with 404: also for what one may not see."""
        proof = request.env["veloc.identity.proof"].browse(proof_id)
        try:
            name, mimetype, content = proof._open_content()
        except (AccessError, MissingError, CannotOpen):
            return request.not_found()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", mimetype),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
                ("Content-Security-Policy", "default-src 'none'; sandbox"),
                ("Cache-Control", "no-store, private"),
            ],
        )
