from odoo import api, fields, models, tools

from ...rules import rate_bucket
from .caller import caller


class VelocAccessLimit(models.Model):
    """How many tries are too many, for each door of the house.

    Shipped with defaults; whoever runs the house tightens or loosens them here.
    """

    _name = "veloc.access.limit"
    _description = "Access limit"
    _order = "sequence, id"
    _veloc_ledger_fields = frozenset({"hits", "seconds"})

    name = fields.Char("What is counted", required=True, translate=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)
    hits = fields.Integer(
        "At once", required=True, help="So many at once; 0: no limit at this door."
    )
    seconds = fields.Integer(
        "Within (seconds)",
        required=True,
        default=60,
        help="After so long all of them are allowed again; one by one before that.",
    )
    note = fields.Text("Why", translate=True, readonly=True)

    _code_unique = models.Constraint("UNIQUE (code)", "Each door has one limit.")
    _sane = models.Constraint(
        "CHECK (hits >= 0 AND seconds > 0)",
        "A limit is a number of tries within a number of seconds.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # === BUSINESS === #

    @api.model
    @tools.ormcache()
    def _limits(self):
        """Return ``{code: (hits, seconds)}``."""
        # sudo: limits hold for everybody, whoever may read them.
        rows = self.sudo().search_fetch([], ["code", "hits", "seconds"])
        return {row.code: (row.hits, row.seconds) for row in rows}

    @api.model
    def _get(self, code):
        """Return (hits, seconds) of a door; an unknown one has no limit."""
        return self._limits().get(code, (0, 60))

    @api.model
    def _hit(self, code, key, amount=1):
        """Count a hit at this door; return 0, or the seconds to wait."""
        return self.env["veloc.rate.limit"]._hit(code, key, *self._get(code), amount)

    @api.model
    def _hit_by_address(self, code):
        """Count a hit of whoever calls now; a caller from inside is not counted."""
        bucket = caller().bucket
        return self._hit(code, bucket) if bucket else 0

    @api.model
    def _wait(self, code, key):
        """Return what ``_hit`` would, without counting."""
        return self.env["veloc.rate.limit"]._peek(code, key, *self._get(code))

    @api.model
    def _words(self, wait):
        """Return the sentence that tells somebody to wait."""
        unit, number = rate_bucket.words(wait)
        if unit == "seconds":
            return self.env._("Too many tries: wait %(count)s seconds.", count=number)
        return self.env._("Too many tries: wait %(count)s minutes.", count=number)
