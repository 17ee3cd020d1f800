"""What the builder offers, in the user's language, and whether names exist."""

from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.veloc_compliance.const import CHANNELS, SUPPRESSION_KINDS

from ...rules import segment_fields as catalog
from ...rules.segment_definition import DefinitionError, leaves
from ..veloc_trader_event import TYPES
from .veloc_segment_words import CONSENTS, DEEDS, DIRECTIONS, GROUPS

TABLES = {"t": "veloc.trader", "s": "veloc.trader.state", "p": "res.partner"}
# condition → {its key: (model, field)} of codes that must exist
NAMED = {
    "consent": {"purpose": ("veloc.purpose", "code")},
    "message": {
        "template": ("veloc.template", "code"),
        "cadence": ("veloc.cadence", "code"),
    },
}
LOOKUPS = {
    "tier": ("veloc.tier", "code", "name"),
    "state": ("res.country.state", "code", "name"),
    "vip_level": ("veloc.vip.level", "code", "name"),
    "rfm_segment": ("veloc.rfm.segment", "code", "name"),
    "cluster": ("veloc.cluster", "id", "name"),
    "source": ("utm.source", "name", "name"),
    "medium": ("utm.medium", "name", "name"),
    "campaign": ("utm.campaign", "name", "title"),
    "tag": ("res.partner.category", "id", "display_name"),
    "company": ("res.company", "id", "name"),
}
MOST_CHOICES = 500


class VelocSegmentCatalog(models.AbstractModel):
    """The lists behind the builder; the rule checks shapes, this checks names."""

    _name = "veloc.segment.catalog"
    _description = "Segment Catalog"

    @api.model
    def _check_names(self, tree):
        """Refuse a definition that names what does not exist (``DefinitionError``)."""
        for leaf in leaves(tree):
            condition = leaf.condition
            if condition["is"] == "field":
                self._check_field(leaf)
            for key, (model, field) in NAMED.get(condition["is"], {}).items():
                code = condition.get(key)
                if code and not self.env[model].search_count([(field, "=", code)], 1):
                    raise DefinitionError(f"{leaf.path}.{key}", "not_a_choice")

    @api.model
    def _check_field(self, leaf):
        condition = leaf.condition
        name = condition["field"]
        if name not in self._fields_here():
            raise DefinitionError(f"{leaf.path}.field", "unknown_field")
        spec = catalog.FIELDS[name]
        if spec.kind == "choice" and (
            set(condition["value"]) - dict(self._choices(name)).keys()
        ):
            raise DefinitionError(f"{leaf.path}.value", "not_a_choice")

    @api.model
    def _fields_here(self):
        """Return the fields of the catalog that this database has."""
        return {
            name: spec
            for name, spec in catalog.FIELDS.items()
            if self._is_stored(TABLES[spec.column[0]], spec.column[2:])
        }

    @api.model
    def _is_stored(self, model, name):
        field = self.env[model]._fields.get(name)
        return bool(field and field.store and field.column_type)

    @api.model
    def builder(self):
        """Return everything the builder offers, with labels (RPC)."""
        if not self.env.user.has_group("veloc_crm.group_user"):
            raise AccessError(self.env._("Only staff of the CRM may build segments."))
        env = self.env
        groups = {name: env._(label) for name, label in GROUPS.items()}
        return {
            "groups": groups,
            "fields": [
                {
                    "name": name,
                    "group": spec.group,
                    "kind": spec.kind,
                    "ops": list(catalog.OPS[spec.kind]),
                    "label": self._label(name),
                    "choices": self._choices(name),
                }
                for name, spec in self._fields_here().items()
            ],
            "events": self._selection("veloc.trader.event", "kind", TYPES),
            "trends": [[name, self._label(f"{name}_30")] for name in catalog.TRENDS],
            "directions": [[code, env._(word)] for code, word in DIRECTIONS.items()],
            "consents": [[code, env._(word)] for code, word in CONSENTS.items()],
            "deeds": [[code, env._(word)] for code, word in DEEDS.items()],
            "channels": self._selection("veloc.consent", "channel", CHANNELS),
            "suppressions": self._selection(
                "veloc.suppression", "kind", SUPPRESSION_KINDS
            ),
            "purposes": self._pairs("veloc.purpose", "code", "name"),
            "templates": self._pairs("veloc.template", "code", "name"),
            "cadences": self._pairs("veloc.cadence", "code", "name"),
            "segments": self._pairs("veloc.segment", "code", "name"),
        }

    @api.model
    def _label(self, name):
        """Return the label of a field as its model tells it."""
        own = {
            "age": self.env._("Age"),
            "birthday": self.env._("Birthday"),
            "has_email": self.env._("Has an e-mail address"),
            "has_phone": self.env._("Has a phone number"),
            "tag": self.env._("Tag"),
            "has_links": self.env._("Shares traits with other accounts"),
            "source": self.env._("UTM source"),
            "medium": self.env._("UTM medium"),
            "campaign": self.env._("UTM campaign"),
            "lang": self.env._("Language"),
        }
        if name in own:
            return own[name]
        spec = catalog.FIELDS[name]
        model = self.env[TABLES[spec.column[0]]]
        return model._fields[spec.column[2:]]._description_string(self.env)

    @api.model
    def _choices(self, name):
        """Return ``[[value, label]…]`` of what a field may be, where that is a list."""
        if name in LOOKUPS:
            return self._pairs(*LOOKUPS[name])
        if name == "lang":
            return [
                [code, label] for code, label in self.env["res.lang"].get_installed()
            ]
        if catalog.FIELDS[name].kind == "choice":
            spec = catalog.FIELDS[name]
            return self._selection(TABLES[spec.column[0]], spec.column[2:], None)
        return []

    @api.model
    def _selection(self, model, field, wanted):
        pairs = self.env[model]._fields[field]._description_selection(self.env)
        known = dict(wanted) if wanted else dict(pairs)
        return [[code, label] for code, label in pairs if code in known]

    @api.model
    def _pairs(self, model, value, label):
        domain = (
            [("country_id.code", "=", "BR")] if model == "res.country.state" else []
        )
        records = self.env[model].search(domain, limit=MOST_CHOICES)
        return [[record[value], record[label] or record[value]] for record in records]
