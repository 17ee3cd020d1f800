from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules import link_target

# The settings that hold addresses of the broker.
OWN_URLS = ("site_url", "login_url", "deposit_url", "support_url")


class VelocLinkDomain(models.Model):
    """A host that our short links may lead to; nobody else's, or we serve phishers."""

    _name = "veloc.link.domain"
    _description = "Host that links may lead to"
    _order = "name"

    name = fields.Char(
        "Host", required=True, help="As in www.veloc.example: no https, no path."
    )
    include_subdomains = fields.Boolean(
        "And all below it",
        help="Also anything.host. Only where every name below it is the broker's: "
        "a page builder's or a cloud's are not.",
    )
    note = fields.Char(help="What it is used for.")
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE(name)", "This host is listed already.")

    # === CONSTRAINTS === #

    @api.constrains("name")
    def _check_name(self):
        for domain in self:
            if link_target.clean_host(domain.name) != domain.name:
                raise ValidationError(
                    self.env._(
                        "Write a host alone, as in www.veloc.example; accents as xn--."
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Store hosts in small letters: that is how they are compared."""
        return super().create([self._clean(vals) for vals in vals_list])

    def write(self, vals):
        """Store hosts in small letters: that is how they are compared."""
        return super().write(self._clean(vals))

    def _clean(self, vals):
        if not vals.get("name"):
            return vals
        return {**vals, "name": vals["name"].strip().lower()}

    # === BUSINESS === #

    @api.model
    def _hosts(self):
        """Return every ``link_target.Host`` in force: the list and the broker's own."""
        # sudo: whoever sends a message may send it with the house's addresses.
        listed_sudo = self.sudo().search_fetch([], ["name", "include_subdomains"])
        hosts = [
            link_target.Host(domain.name, domain.include_subdomains)
            for domain in listed_sudo
        ]
        return [*hosts, *map(link_target.Host, sorted(self._own_names()))]

    def _own_names(self):
        # sudo: public addresses of the broker, meant for every reader.
        config_sudo = self.env["ir.config_parameter"].sudo()
        company_sudo = self.env.company.sudo()
        urls = [config_sudo.get_param(f"veloc_messaging.{name}") for name in OWN_URLS]
        urls += [company_sudo.website, self.env["veloc.contact.gate"]._public_url()]
        names = {link_target.clean_host(_host(url)) for url in urls if url}
        return names - {None}


def _host(url):
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
