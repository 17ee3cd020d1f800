from odoo import api, fields, models
from odoo.tools import SQL

from ..const import CHANNELS, SUPPRESSION_KINDS
from ..rules import suppression


class VelocSuppression(models.Model):
    """A hard block: this person is out of reach, wholly or on one channel."""

    _name = "veloc.suppression"
    _description = "Suppression"
    _order = "from_at desc, id desc"
    _veloc_ledger_fields = frozenset(
        [
            "partner_id",
            "kind",
            "channel",
            "until_at",
            "source",
            "note",
            "lifted_at",
            "lift_note",
        ]
    )
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_kind = "care"
    _veloc_ledger_reads = True
    _veloc_ledger_guard = frozenset({"insert", "update", "delete"})

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(SUPPRESSION_KINDS, required=True, readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    from_at = fields.Datetime("From", required=True, readonly=True)
    until_at = fields.Datetime("Until", readonly=True, help="Empty: until lifted.")
    source = fields.Char(required=True, readonly=True)
    note = fields.Text(readonly=True)
    lifted_at = fields.Datetime(readonly=True)
    lifted_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    lift_source = fields.Char(readonly=True)
    lift_note = fields.Text(readonly=True)
    is_active = fields.Boolean(
        "In force", compute="_compute_is_active", search="_search_is_active"
    )

    _one_standing = models.UniqueIndex(
        "(partner_id, kind, COALESCE(channel, '')) WHERE lifted_at IS NULL",
        "This person is already suppressed for this reason.",
    )
    _channel_named = models.Constraint(
        "CHECK (kind = 'blocklist' OR "
        "(kind IN ('opt_out', 'channel_blocked')) = (channel IS NOT NULL))",
        "Opt-outs and blocked channels name the channel; other reasons do not.",
    )
    _ends_after_start = models.Constraint(
        "CHECK (until_at IS NULL OR until_at > from_at)", "It must end after it starts."
    )

    # === COMPUTE === #

    @api.depends("until_at", "lifted_at")
    def _compute_is_active(self):
        now = fields.Datetime.now()
        for block in self:
            is_over = block.until_at and block.until_at <= now
            block.is_active = not block.lifted_at and not is_over

    def _search_is_active(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        domain = fields.Domain("lifted_at", "=", False)
        domain &= fields.Domain("until_at", "=", False) | fields.Domain(
            "until_at", ">", now
        )
        if set(value) == {True, False}:
            return fields.Domain.TRUE
        return domain if True in value else ~domain

    @api.depends("partner_id", "kind", "channel")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for block in self:
            block.display_name = (
                f"{block.partner_id.display_name} · {kinds[block.kind]}"
            )

    # === BUSINESS === #

    @api.model
    def _impose(self, partner_ids, kind, channel=None, source="", note="", until=None):
        """Suppress these people; harmless where already in force.

        A longer term extends a standing one; nothing is ever shortened here.
        """
        if kind not in dict(SUPPRESSION_KINDS):
            raise ValueError(f"no such suppression: {kind}")
        now = fields.Datetime.now()
        self._close_expired(partner_ids, kind, now)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_suppression AS standing
                    (partner_id, kind, channel, from_at, until_at, source, note,
                     create_uid, create_date, write_uid, write_date)
                SELECT DISTINCT partner_id, %(kind)s, %(channel)s, %(now)s::timestamp,
                    %(until)s::timestamp, %(source)s, %(note)s, %(uid)s, now(),
                    %(uid)s, now()
                FROM unnest(%(ids)s::int[]) AS partner_id ORDER BY partner_id
                ON CONFLICT (partner_id, kind, COALESCE(channel, ''))
                    WHERE lifted_at IS NULL
                DO UPDATE SET until_at = excluded.until_at, write_date = now()
                WHERE standing.until_at IS NOT NULL AND (
                    excluded.until_at IS NULL OR excluded.until_at > standing.until_at)
                RETURNING id, partner_id, xmax = 0
                """,
                kind=kind,
                channel=channel or None,
                now=now,
                until=until.replace(microsecond=0) if until else None,
                source=source,
                note=note,
                uid=self.env.uid,
                ids=list(partner_ids),
            )
        )
        self._note_imposed(rows, kind, channel, source, note, until)
        self.invalidate_model()

    def _note_imposed(self, rows, kind, channel, source, note, until):
        """Tell the ledger: SQL wrote these rows.

        Why somebody is suppressed is about the person: it is sealed with their key.
        """
        secret = {"kind": kind, "channel": channel or None, "source": source}
        secret["until"] = fields.Datetime.to_string(until) if until else None
        secret["note"] = note or None
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "care",
                    "model": self._name,
                    "res_id": id_,
                    "subject_id": partner_id,
                    "public": {"op": "impose" if is_new else "extend"},
                    "secret": secret,
                }
                for id_, partner_id, is_new in rows
            ]
        )

    def _close_expired(self, partner_ids, kind, now):
        """Close what ran out, so that a new term is a new row."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_suppression SET lifted_at = until_at, lift_source = 'term'
                WHERE partner_id = ANY(%s) AND kind = %s
                    AND lifted_at IS NULL AND until_at <= %s
                RETURNING id, partner_id
                """,
                list(partner_ids),
                kind,
                now,
            )
        )
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "care",
                    "model": self._name,
                    "res_id": id_,
                    "subject_id": partner_id,
                    "public": {"op": "term_over"},
                }
                for id_, partner_id in rows
            ]
        )

    @api.model
    def _lift(
        self,
        partner_ids,
        kind,
        source="",
        note="",
        channel=None,
        except_source=None,
        only_sources=None,
        standing_at=None,
    ):
        """Lift what may be lifted for these people and return those rows.

        Terms that bind the person and facts only the officer may declare stay, and
        what came from ``except_source``. ``only_sources`` lifts only what came from
        there; ``standing_at`` ({partner id: time}) only what stood at that time.
        """
        # sudo: nobody has write rights; the rule below decides.
        standing_sudo = self.sudo().search(
            [
                ("partner_id", "in", list(partner_ids)),
                ("kind", "=", kind),
                ("channel", "=", channel or False),
                ("is_active", "=", True),
            ]
        )
        if only_sources is not None:
            standing_sudo = standing_sudo.filtered(lambda b: b.source in only_sources)
        if standing_at is not None:
            standing_sudo = standing_sudo.filtered(
                lambda b: b.from_at <= standing_at[b.partner_id.id]
            )
        return standing_sudo.filtered(
            lambda b: b.source != except_source and not b._lift_refusal()
        )._end(source, note)

    def _end(self, source, note):
        """Close these rows; the caller has asked the rule."""
        # sudo: nobody has write rights, so that no row ends without a reason.
        self.sudo().write(
            {
                "lifted_at": fields.Datetime.now(),
                "lifted_by": self.env.uid,
                "lift_source": source,
                "lift_note": note,
            }
        )
        return self

    def _lift_refusal(self):
        """Return the code of the reason this one stays, or None."""
        self.ensure_one()
        return suppression.lift_refusal(
            self.kind,
            self.until_at or None,
            fields.Datetime.now(),
            self.env.user.has_group("veloc_compliance.group_officer"),
        )

    @api.model
    def _gate_suppressions(self, partner_ids, now):
        """Return ``{partner_id: {(kind, channel)}}`` in force at ``now``."""
        return {
            partner_id: {(kind, channel) for kind, channel, _until in terms}
            for partner_id, terms in self._gate_terms(partner_ids, now).items()
        }

    @api.model
    def _gate_terms(self, partner_ids, since):
        """Return ``{partner_id: [(kind, channel, until)]}`` of what stands; one query.

        What ends by ``since`` is left out. The start is not asked: a block that came
        after the batch began counts.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, kind, channel, until_at FROM veloc_suppression
                WHERE partner_id = ANY(%(ids)s) AND lifted_at IS NULL
                    AND (until_at IS NULL OR until_at > %(since)s)
                """,
                ids=list(partner_ids),
                since=since,
            )
        )
        terms = {}
        for partner_id, *term in rows:
            terms.setdefault(partner_id, []).append(tuple(term))
        return terms
