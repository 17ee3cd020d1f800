"""Whether this node is alive and its work gets done."""

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route


class Health(Controller):
    """For load balancers and people on call: no secrets, no login."""

    @route(
        "/veloc/health",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
    )
    def health(self):
        """Answer 200 if all is well and 503 if work has been left lying."""
        env = request.env(user=SUPERUSER_ID)
        is_well, report = env["veloc.health"]._examine()
        return request.make_json_response(report, status=200 if is_well else 503)
