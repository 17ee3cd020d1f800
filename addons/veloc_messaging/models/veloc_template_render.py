from odoo import models

from ..rules import sms_segments, style_check, template_text, template_variables
from ..rules.template_text import Rendered, RenderError

HOUSE_PARAMETERS = (
    "broker_name",
    "support_phone",
    "support_email",
    "site_url",
    "login_url",
    "deposit_url",
    "support_url",
)


class VelocTemplateRender(models.AbstractModel):
    """Makes the texts of many messages at once."""

    _name = "veloc.template.render"
    _description = "Rendering of message templates"

    def _render(self, requests):
        """Return a ``Rendered`` per request; the queries do not grow with them."""
        texts = self._get_texts({request[1] for request in requests})
        people = self._get_people({request[0] for request in requests})
        plans = [self._plan(request, texts, people) for request in requests]
        self._add_links(people, plans)
        house = {lang: self._get_house(lang) for lang in self._langs(plans)}
        return [
            plan
            if isinstance(plan, Rendered)
            else self._render_one(plan, people, house)
            for plan in plans
        ]

    def _get_texts(self, template_ids):
        """Return ``{template id: {channel: {lang: body}}}`` of what is in use."""
        # sudo: who may send is asked by the caller; texts are read as approved.
        templates_sudo = (
            self.env["veloc.template"]
            .sudo()
            .search_fetch([("id", "in", list(template_ids))], ["current_version_id"])
        )
        versions_sudo = templates_sudo.current_version_id
        texts = {version.template_id.id: {} for version in versions_sudo}
        for body in versions_sudo.body_ids:
            channels = texts[body.version_id.template_id.id]
            channels.setdefault(body.channel, {})[body.lang] = body
        return texts

    def _get_people(self, partner_ids):
        """Return ``{partner id: {"lang", "zone", variable…}}``."""
        # sudo: a program may send to people that its user cannot open.
        partners_sudo = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch([("id", "in", list(partner_ids))], ["name", "lang"])
        )
        zones = partners_sudo._veloc_zones()
        return {
            partner.id: {
                "lang": partner.lang,
                "zone": zones[partner.id],
                **template_variables.person_values(partner.name),
            }
            for partner in partners_sudo
        }

    def _plan(self, request, texts, people):
        """Return ``(request, body, names)``, or why there is nothing to render."""
        partner_id, template_id, channel, _variables = request
        if template_id not in texts:
            return Rendered(error="no_approved_version")
        if partner_id not in people:
            return Rendered(error="no_partner")
        if not (by_lang := texts[template_id].get(channel)):
            return Rendered(error="no_body", detail=channel)
        lang = template_text.choose_lang(
            by_lang, people[partner_id]["lang"], style_check.HOME_LANG
        )
        body = by_lang[lang]
        try:
            return request, body, body._names()
        except RenderError as error:
            return Rendered(error=error.code, detail=error.detail)

    def _add_links(self, people, plans):
        """Give each person the personal addresses that a text asks for."""
        wanted = {}
        for plan in plans:
            if isinstance(plan, Rendered):
                continue
            (partner_id, _template, channel, _variables), body, names = plan
            if "preferences_url" in names:
                wanted.setdefault(None, set()).add(partner_id)
            if "unsubscribe_url" in names:
                key = (body.version_id.purpose_id, channel)
                wanted.setdefault(key, set()).add(partner_id)
        for key, partner_ids in wanted.items():
            # sudo: the links are made for the addressee, and only sent to them.
            partners_sudo = self.env["res.partner"].sudo().browse(partner_ids)
            if key:
                links = partners_sudo._veloc_unsubscribe_url(*key)
            else:
                links = partners_sudo._veloc_preferences_url()
            for partner_id, link in links.items():
                people[partner_id][key or "preferences_url"] = link

    def _langs(self, plans):
        return {plan[1].lang for plan in plans if not isinstance(plan, Rendered)}

    def _get_house(self, lang):
        """Return what the broker says about itself, in ``lang``."""
        # sudo: names and public addresses of the broker, meant for every reader.
        config_sudo = self.env["ir.config_parameter"].sudo()
        company = self.env.company
        found = {
            name: config_sudo.get_param(f"veloc_messaging.{name}")
            for name in HOUSE_PARAMETERS
        }
        fallback = {
            "broker_name": company.name,
            "support_phone": company.phone,
            "support_email": company.email,
            "site_url": company.website,
        }
        own_notice = config_sudo.get_param(f"veloc_messaging.risk_notice_{lang}")
        return {
            **{name: value or fallback.get(name) for name, value in found.items()},
            "risk_notice": own_notice or template_variables.risk_notice(lang),
        }

    def _render_one(self, plan, people, house):
        (partner_id, _template, channel, variables), body, _names = plan
        person = people[partner_id]
        # The caller fills in the event, never who the person or the house is.
        raw = {
            **template_variables.event_values(variables),
            **house[body.lang],
            **person,
            "unsubscribe_url": person.get((body.version_id.purpose_id, channel)),
        }
        if notice := " ".join(words for _product, words in body._notices()):
            raw["risk_notice"] = notice
        version_id = body.version_id.id
        try:
            return self._fill(body, raw, person["zone"], version_id)
        except RenderError as error:
            return Rendered(
                lang=body.lang,
                version_id=version_id,
                error=error.code,
                detail=error.detail,
            )

    def _fill(self, body, raw, zone, version_id):
        """Return the finished text of one body."""
        is_email = body.channel == "email"
        subject = ""
        if body.channel in ("email", "push") and body.subject:
            subject = style_check.fill(body.subject, raw, body.lang, zone, html=False)
        text = style_check.fill(body.body, raw, body.lang, zone, html=is_email)
        text = style_check.finished(text, body.channel, is_plain=body.remove_accents)
        is_sms = body.channel == "sms"
        usable = body._is_usable_template()
        return Rendered(
            subject=" ".join(subject.split()),
            body=text,
            lang=body.lang,
            content_sid=body._usable_content_sid(),
            template_name=body._usable_template_name(),
            content_variables=style_check.content_values(
                body._content_names(), raw, body.lang, zone, body.body or ""
            ),
            template_status="" if usable else body.submission_status,
            segments=sms_segments.measure(text).segments if is_sms else 0,
            version_id=version_id,
        )
