"""Files for advertising platforms, for those who may take them out."""

from odoo.http import Controller, content_disposition, request, route


class AudienceController(Controller):
    """Each file that leaves is counted, written down and in the ledger."""

    @route("/veloc/audience/<int:run_id>/<kind>", auth="user", methods=["GET"])
    def audience_file(self, run_id, kind):
        """Hand over one file of a run."""
        runs = request.env["veloc.audience.run"]
        if kind not in ("add", "remove") or not runs.has_access("read"):
            return request.not_found()
        run = runs.search([("id", "=", run_id)])
        if not run:
            return request.not_found()
        name, content = run._fetch(kind)
        return request.make_response(
            content,
            [
                ("Content-Type", "text/csv; charset=utf-8"),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
