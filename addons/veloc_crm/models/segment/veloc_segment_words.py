"""Conditions in plain words, in the user's language."""

from odoo import api, models
from odoo.tools import format_date, format_datetime
from odoo.tools.translate import LazyTranslate

from ...rules import segment_fields as catalog
from ...rules.segment_definition import Leaf

_lt = LazyTranslate(__name__)

GROUPS = {
    "profile": _lt("Profile"),
    "figure": _lt("Figures"),
    "score": _lt("Scores"),
}
CONSENTS = {
    "granted": _lt("said yes"),
    "refused": _lt("said no"),
    "none": _lt("was never asked"),
}
DEEDS = {
    "sent": _lt("was sent"),
    "delivered": _lt("received"),
    "opened": _lt("opened"),
    "clicked": _lt("clicked in"),
}
DIRECTIONS = {"falling": _lt("fell"), "rising": _lt("rose")}
COUNTS = {
    ">=": _lt("at least %(times)s times"),
    "<=": _lt("at most %(times)s times"),
    "=": _lt("exactly %(times)s times"),
}
FIELD_WORDS = {
    "in": _lt("%(field)s is %(value)s"),
    "not_in": _lt("%(field)s is not %(value)s"),
    "empty": _lt("%(field)s: nothing yet"),
    "set": _lt("%(field)s: known"),
    ">=": _lt("%(field)s: at least %(value)s"),
    "<=": _lt("%(field)s: at most %(value)s"),
    "between": _lt("%(field)s: %(value)s"),
    "older_than": _lt("%(field)s: more than %(value)s ago"),
    "within": _lt("%(field)s: in the last %(value)s"),
}
SPANS = {
    "minutes": _lt("%(count)s minutes"),
    "hours": _lt("%(count)s hours"),
    "days": _lt("%(count)s days"),
}
CAUSES = {
    "archived": _lt("The segment was put away."),
    "definition": _lt("The conditions of the segment changed."),
    "first": _lt("First look at this person."),
    "list": _lt("The list was changed by hand."),
    "person": _lt("The person was taken out of use, or is back."),
}


class VelocSegmentWords(models.AbstractModel):
    """Says what a condition asks, so that the list and the history can be read."""

    _name = "veloc.segment.words"
    _description = "Segment in Words"

    @api.model
    def _say(self, condition):
        """Return one condition as a sentence."""
        return getattr(self, f"_say_{condition['is']}")(condition)

    @api.model
    def _say_tree(self, tree, depth=0):
        """Return ``[{"depth", "text", "path"}…]``, a line per group and condition."""
        if isinstance(tree, Leaf):
            return [
                {"depth": depth, "text": self._say(tree.condition), "path": tree.path}
            ]
        heads = {
            "all": self.env._("All of:"),
            "any": self.env._("Any of:"),
            "not": self.env._("Not:"),
        }
        lines = [{"depth": depth, "text": heads[tree.verb], "path": ""}]
        for child in tree.children:
            lines += self._say_tree(child, depth + 1)
        return lines

    @api.model
    def _say_reason(self, reason):
        """Return why somebody moved, a line each."""
        if not reason:
            return ""
        if "cause" in reason:
            return self.env._(CAUSES[reason["cause"]])
        return "\n".join(
            self.env._("%(condition)s: now yes", condition=self._say(flip["c"]))
            if flip["now"]
            else self.env._("%(condition)s: no longer", condition=self._say(flip["c"]))
            for flip in reason["flips"]
        )

    @api.model
    def _say_seen(self, condition, text, trader):
        """Return what was looked at, as people write it."""
        if condition["is"] != "field":
            return text or ""
        spec = catalog.FIELDS[condition["field"]]
        # sudo: the reader may read the trader; the field says no more than the words.
        record_sudo = {
            "t": trader,
            "s": trader.figures_id,
            "p": trader.partner_id,
        }[spec.column[0]].sudo()
        name = spec.column[2:]
        if condition["field"] == "tag":
            return ", ".join(trader.partner_id.category_id.mapped("name"))
        field = record_sudo._fields[name]
        if field.type in ("datetime", "date"):
            value = record_sudo[name]
            show = format_datetime if field.type == "datetime" else format_date
            return show(self.env, value) if value else ""
        if field.type in ("integer", "float", "monetary"):
            return self._say_number(record_sudo[name])
        return str(field.convert_to_display_name(record_sudo[name], record_sudo) or "")

    # === VALUES === #

    @api.model
    def _say_span(self, span):
        words = self.env._(SPANS[span["unit"]])
        return words % {"count": span["value"]}

    @api.model
    def _say_number(self, value):
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        digits = 0 if float(value).is_integer() else 2
        text = f"{value:,.{digits}f}"
        swapped = {",": lang.thousands_sep or "", ".": lang.decimal_point or "."}
        return "".join(swapped.get(letter, letter) for letter in text)

    @api.model
    def _say_choice(self, model, field, code):
        pairs = self.env[model]._fields[field]._description_selection(self.env)
        return dict(pairs).get(code, code)

    @api.model
    def _say_list(self, names):
        return self.env._(" or ").join(str(name) for name in names)

    @api.model
    def _say_value(self, name, kind, value):
        """Return the value of a field condition as people write it."""
        if isinstance(value, dict):
            return self._say_span(value)
        if kind == "share":
            return self._say_shares(value)
        if isinstance(value, list) and kind in ("number", "age"):
            return self.env._(
                "%(low)s to %(high)s",
                low=self._say_number(value[0]),
                high=self._say_number(value[1]),
            )
        if isinstance(value, list):
            labels = dict(self.env["veloc.segment.catalog"]._choices(name))
            return self._say_list(labels.get(item, item) for item in value)
        return self._say_number(value)

    @api.model
    def _say_shares(self, value):
        shares = [f"{self._say_number(round(v * 100, 1))} %" for v in _as_list(value)]
        return (
            self.env._("%(low)s to %(high)s", low=shares[0], high=shares[-1])
            if (len(shares) > 1)
            else shares[0]
        )

    # === CONDITIONS === #

    @api.model
    def _say_field(self, condition):
        name, op = condition["field"], condition["op"]
        label = self.env["veloc.segment.catalog"]._label(name)
        kind, value = catalog.FIELDS[name].kind, condition.get("value")
        if kind in ("flag", "exists"):
            return label if value else self.env._("Not: %(field)s", field=label)
        if kind == "birthday":
            return self.env._("Birthday in %(span)s", span=self._say_span(value))
        told = None if value is None else self._say_value(name, kind, value)
        words = self.env._(FIELD_WORDS[op])
        return words % {"field": label, "value": told}

    @api.model
    def _say_trend(self, condition):
        label = self.env["veloc.segment.catalog"]._label(f"{condition['measure']}_30")
        values = {"measure": label, "percent": self._say_number(condition["percent"])}
        if condition["direction"] == "falling":
            return self.env._(
                "%(measure)s: at least %(percent)s %% below the pace of the 60 days "
                "before",
                **values,
            )
        return self.env._(
            "%(measure)s: at least %(percent)s %% above the pace of the 60 days before",
            **values,
        )

    @api.model
    def _say_event(self, condition):
        what = self._say_choice("veloc.trader.event", "kind", condition["type"])
        parts = [self._say_times(what, condition)]
        if "amount" in condition:
            amount = self._say_number(condition["amount"])
            parts.append(self.env._("of %(amount)s or more", amount=amount))
        if "data" in condition:
            parts.append(f"{condition['data']['key']} = {condition['data']['value']}")
        return ", ".join(parts)

    @api.model
    def _say_times(self, what, condition):
        """Return "Deposit approved: at least 2 times in the last 30 days"."""
        is_never = condition["times"] == 0 and condition["op"] != ">="
        words = self.env._(COUNTS[condition["op"]])
        times = words % {"times": condition["times"]}
        if is_never:
            times = self.env._("never")
        if "within" not in condition:
            return f"{what}: {times}"
        span = self._say_span(condition["within"])
        return self.env._(
            "%(what)s: %(times)s in the last %(span)s",
            what=what,
            times=times,
            span=span,
        )

    @api.model
    def _say_sequence(self, condition):
        first, then = (
            self._say_choice("veloc.trader.event", "kind", condition[name])
            for name in ("first", "then")
        )
        return self.env._(
            "%(first)s without %(then)s within %(after)s (in the last %(within)s)",
            first=first,
            then=then,
            after=self._say_span(condition["after"]),
            within=self._say_span(condition["within"]),
        )

    @api.model
    def _say_consent(self, condition):
        what = [self.env._(CONSENTS[condition["state"]])]
        if "purpose" in condition:
            what.append(self._say_name("veloc.purpose", condition["purpose"]))
        if "channel" in condition:
            what.append(
                self._say_choice("veloc.consent", "channel", condition["channel"])
            )
        return self.env._("Consent: %(what)s", what=" · ".join(what))

    @api.model
    def _say_suppression(self, condition):
        kinds = [
            self._say_choice("veloc.suppression", "kind", kind)
            for kind in condition["kinds"]
        ]
        return self.env._("Under protection: %(kinds)s", kinds=self._say_list(kinds))

    @api.model
    def _say_message(self, condition):
        parts = [self.env._(DEEDS[condition["did"]])]
        if "channel" in condition:
            parts.append(
                self._say_choice("veloc.consent", "channel", condition["channel"])
            )
        for key in ("template", "cadence"):
            if key in condition:
                parts.append(self._say_name(f"veloc.{key}", condition[key]))
        what = self.env._("Messages (%(what)s)", what=", ".join(parts))
        return self._say_times(what, condition)

    @api.model
    def _say_segment(self, condition):
        return self.env._(
            "In the segment “%(name)s”",
            name=self._say_name("veloc.segment", condition["code"]),
        )

    @api.model
    def _say_name(self, model, code):
        # sudo: a name in a sentence, whoever may read the record itself.
        return (
            self.env[model].sudo().search([("code", "=", code)], limit=1).name or code
        )


def _as_list(value):
    return value if isinstance(value, list) else [value]
