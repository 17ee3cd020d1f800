"""Public notices of incidents: for everybody, without login, easy to find."""

from odoo.http import route

from .public_page import PublicPage


class IncidentNoticeController(PublicPage):
    """Show the notices that stand. Nothing here is about the visitor."""

    @route(
        "/veloc/incidents",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        sitemap=True,
    )
    def incident_notices(self, **_fields):
        """List what stands now."""
        center_sudo = self._center()
        # sudo: approved public words; the page shows nothing else.
        incidents_sudo = center_sudo.env["veloc.incident"]._public_notices()
        lang = center_sudo.env.lang
        notices = [incident._public_values(lang) for incident in incidents_sudo]
        return self._public(center_sudo, {"notices": notices, "is_list": True})

    @route(
        "/veloc/incidents/<code>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        sitemap=False,
    )
    def incident_notice(self, code, **_fields):
        """Show one notice."""
        center_sudo = self._center()
        # sudo: as above.
        incidents_sudo = center_sudo.env["veloc.incident"]._public_notices()
        found = incidents_sudo.filtered(lambda incident: incident.public_code == code)
        if not found:
            return self._not_found()
        notices = [found._public_values(center_sudo.env.lang)]
        return self._public(center_sudo, {"notices": notices, "is_list": False})

    def _public(self, center_sudo, values):
        answer = self._show("incident_notice_page", center_sudo, values)
        # The law wants wide knowledge: unlike other pages it may be found.
        answer.headers["X-Robots-Tag"] = "index, follow"
        return answer
