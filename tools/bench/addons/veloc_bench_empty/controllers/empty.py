"""The floor: Odoo's own cost of a public POST, nothing verified, nothing stored."""

from odoo.http import Controller, request, route


class EmptyController(Controller):
    @route(
        "/veloc_bench/empty",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def empty(self, **_form):
        """Answer as the webhook does."""
        return request.make_response("", status=204)
