"""A segment: who, in words that staff can read and the database can count."""

import logging
from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...rules.segment_care import asks_for_care
from ...rules.segment_definition import MESSAGES, DefinitionError, expand, leaves, parse

_logger = logging.getLogger(__name__)

# What the engine must know of a live segment; ``tree`` has no live segments in it.
Live = namedtuple("Live", "code tree company_id is_full")

ARCHIVED = '{"cause": "archived"}'
EMPTY = """
WITH gone AS (
    DELETE FROM veloc_segment_member WHERE segment_id = ANY(%(ids)s)
    RETURNING segment_id, trader_id
)
INSERT INTO veloc_segment_event (segment_id, trader_id, kind, at, reason)
SELECT segment_id, trader_id, 'left', %(now)s, %(reason)s::jsonb FROM gone
ORDER BY trader_id, segment_id
"""


class VelocSegment(models.Model):
    """A live segment follows its definition; a static one is a list of people."""

    _name = "veloc.segment"
    _description = "Segment"
    _veloc_ledger_fields = frozenset(
        {"active", "code", "company_id", "definition", "for_care", "kind", "name"}
    )
    _veloc_ledger_kind = "config"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="How other segments and programs call it.",
    )
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: people of all companies.")
    kind = fields.Selection(
        [("live", "Live"), ("static", "Static list")],
        required=True,
        default="live",
        help="A live segment lets people in and out by itself. A static list changes "
        "only when somebody changes it.",
    )
    definition = fields.Json(string="Conditions")
    for_care = fields.Boolean(
        string="For Care Only",
        compute="_compute_for_care",
        store=True,
        readonly=False,
        precompute=True,
        help="People who must be looked after, not sold to: only messages of service "
        "purposes may go to them. Set by itself where the conditions gather people "
        "under protection, with a complaint or with losses.",
    )
    filled_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="Since when everybody has been looked at with these conditions.",
    )
    fill_from = fields.Integer(readonly=True, copy=False)
    member_ids = fields.One2many("veloc.segment.member", "segment_id", readonly=True)
    event_ids = fields.One2many("veloc.segment.event", "segment_id", readonly=True)
    size_ids = fields.One2many("veloc.segment.size", "segment_id", readonly=True)
    member_count = fields.Integer(compute="_compute_member_count", string="People")

    _code_unique = models.Constraint("UNIQUE (code)", "Each segment has its own code.")
    _code_shape = models.Constraint(
        "CHECK (code ~ '^[a-z0-9_]{1,64}$')",
        "A code has small letters, digits and underscores only, 64 at most.",
    )

    # === COMPUTE === #

    def _compute_member_count(self):
        counts = dict(
            self.env["veloc.segment.member"]._read_group(
                [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
            )
        )
        for segment in self:
            segment.member_count = counts.get(segment, 0)

    @api.depends("definition")
    def _compute_for_care(self):
        for segment in self:
            segment.for_care = segment.for_care or segment._must_be_for_care()

    def _must_be_for_care(self):
        """Say whether the conditions gather people who must be looked after."""
        self.ensure_one()
        if not self.definition:
            return False
        try:
            tree = parse(self.definition)
        except DefinitionError:
            return False
        asked = [leaf.condition.get("code") for leaf in leaves(tree)]
        care = self.search([("code", "in", asked), ("for_care", "=", True)])
        return asks_for_care(tree, frozenset(care.mapped("code")))

    # === CONSTRAINTS === #

    @api.constrains("definition", "kind", "code")
    def _check_definition(self):
        for segment in self.filtered("definition"):
            if segment.kind == "static":
                raise ValidationError(
                    self.env._("A static list has people, no conditions.")
                )
            self._read_definition(segment.definition, segment.code)

    @api.constrains("for_care", "definition")
    def _check_for_care(self):
        for segment in self:
            if not segment.for_care and segment._must_be_for_care():
                raise ValidationError(
                    self.env._(
                        "The conditions of “%(name)s” gather people who must be "
                        "looked after: this segment is for care only.",
                        name=segment.name,
                    )
                )
            self._check_no_selling()

    def _check_no_selling(self):
        """Refuse to make a segment care-only while a cadence sells to it."""
        # sudo: whichever company's cadence it is, the answer is no.
        cadences_sudo = self.env["veloc.cadence"].sudo()
        for segment in self.filtered("for_care"):
            feeds = cadences_sudo.search([("entry_segment_id", "=", segment.id)])
            selling = feeds.filtered(lambda c: c._is_promotional())
            if selling:
                raise ValidationError(
                    self.env._(
                        "The segment “%(name)s” is for care only, and these cadences "
                        "sell: %(cadences)s.",
                        name=segment.name,
                        cadences=", ".join(selling.mapped("name")),
                    )
                )

    @api.model
    def _read_definition(self, definition, code=None):
        """Return the tree without live segments in it; say in words what is wrong."""
        try:
            tree = parse(definition)
            trees = self._parse_all()
            trees.pop(code, None)
            path = (code,) if code else ()
            expanded = expand(tree, trees | ({code: tree} if code else {}), path)
            self.env["veloc.segment.catalog"]._check_names(tree)
        except DefinitionError as error:
            raise ValidationError(
                self.env._(
                    "%(problem)s (at %(place)s)",
                    problem=self.env._(MESSAGES[error.code]),
                    place=error.path,
                )
            ) from error
        return expanded

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_own_fields(vals)
        segments = super().create(vals_list)
        segments._start_fill()
        return segments

    def write(self, vals):
        self._refuse_own_fields(vals)
        if "kind" in vals and any(segment.kind != vals["kind"] for segment in self):
            raise UserError(
                self.env._(
                    "A segment stays what it is. Make a snapshot of a live segment to "
                    "get a list."
                )
            )
        if "code" in vals and any(s.code != vals["code"] for s in self._asking()):
            raise UserError(self._words_in_use())
        result = super().write(vals)
        if vals.get("active") is False:
            self._empty()
        if {"definition", "active", "company_id", "code"} & vals.keys():
            self._start_fill()
        return result

    def _refuse_own_fields(self, vals):
        if {"filled_at", "fill_from"} & vals.keys() and not self.env.su:
            raise AccessError(
                self.env._("How far a segment is filled is written by its job only.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        if self._asking() - self:
            raise UserError(self._words_in_use())

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def copy_data(self, default=None):
        """Name and code of a copy differ from the original's."""
        return [
            {
                **vals,
                "name": self.env._("%(name)s (copy)", name=segment.name),
                "code": f"{segment.code[:59]}_copy",
            }
            | (default or {})
            for segment, vals in zip(
                self, super().copy_data(default=default), strict=True
            )
        ]

    def _words_in_use(self):
        return self.env._(
            "Other segments ask for this one: %(names)s. Change them first.",
            names=", ".join((self._asking() - self).mapped("name")),
        )

    # === LIVE === #

    @tools.ormcache()
    def _get_live(self):
        """Return ``{id: Live}`` of the live segments but those that are broken."""
        # sudo: the engine serves all segments, whoever's deed it follows.
        segments = self.sudo().with_context(active_test=True)
        trees, live = self._parse_all(), {}
        for segment in segments.search([("kind", "=", "live")], order="id"):
            tree = trees.get(segment.code)
            try:
                whole = tree and expand(tree, trees, (segment.code,))
            except DefinitionError as error:
                _logger.warning("Segment %s is left out: %s", segment.code, error)
                continue
            if whole:
                live[segment.id] = Live(
                    segment.code, whole, segment.company_id.id, bool(segment.filled_at)
                )
        return live

    @api.model
    def _parse_all(self):
        """Return ``{code: tree}``; None for static lists and for those not yet told."""
        # sudo: a segment may ask for one that its author's companies do not show.
        found = {}
        for segment in self.sudo().search([("active", "=", True)]):
            try:
                found[segment.code] = segment.definition and parse(segment.definition)
            except DefinitionError as error:
                _logger.warning("Segment %s cannot be read: %s", segment.code, error)
        return {code: tree or None for code, tree in found.items()}

    def _asking(self):
        """Return the segments whose conditions name one of these, however far."""
        codes, found = set(self.mapped("code")), self.browse()
        # sudo: see _parse_all.
        others = (
            self.sudo()
            .with_context(active_test=False)
            .search([("definition", "!=", False)])
        )
        asked = {
            other: _codes(other.definition) for other in others if other.definition
        }
        while more := {o for o, named in asked.items() if named & codes} - set(found):
            found = found.union(*more)
            codes |= set(found.mapped("code"))
        return found.sudo(self.env.su)

    def _start_fill(self):
        """Look at everybody anew for these and for the segments that ask for them."""
        self.env.registry.clear_cache()
        live = (self | self._asking()).filtered(lambda s: s.kind == "live" and s.active)
        if live:
            # sudo: how far the job is belongs to the job.
            live.sudo().write({"filled_at": False, "fill_from": 0})
            self.env.ref("veloc_crm.ir_cron_segments_due").sudo()._trigger()

    @api.model
    def _get_unfilled(self):
        return self.search(
            [
                ("kind", "=", "live"),
                ("filled_at", "=", False),
                ("definition", "!=", False),
            ]
        )

    def _end_fill(self, now):
        """From here on, whoever comes in is news."""
        self.filled_at = now
        self.env.registry.clear_cache()
        self.env["veloc.segment.size"]._note(self.ids, now)

    def _empty(self):
        """Let everybody out, with a line each: in the database, a million of them."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(EMPTY, ids=self.ids, now=fields.Datetime.now(), reason=ARCHIVED)
        )
        self.env["veloc.segment.engine"]._forget()

    # === BUSINESS === #

    @api.model
    def _on_touched(self, trader_ids, now, wake=True, is_locked=False):
        """Let these traders in and out; called by whoever changed what is read.

        ``is_locked``: the caller holds the traders' rows, as a batch of events does.
        """
        self.env["veloc.segment.engine"]._touch(
            trader_ids, now, wake, is_locked=is_locked
        )

    def _member_ids(self):
        """Return the ids of the traders who are in any of these segments."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT trader_id FROM veloc_segment_member"
                " WHERE segment_id = ANY(%s)",
                self.ids,
            )
        )
        return [trader_id for (trader_id,) in rows]


def _codes(definition):
    """Return the codes that a definition names."""
    try:
        conditions = [leaf.condition for leaf in leaves(parse(definition))]
    except DefinitionError:
        return set()
    return {c["code"] for c in conditions if c["is"] == "segment"}
