from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...rules import retention
from ...rules.br_zones import DEFAULT_ZONE


class VelocRetentionScope(models.AbstractModel):
    """Which people and rows are due, as SQL that says what ``rules.retention`` says.

    Every term becomes one comparison with a cutoff that the rule works out: the
    database adds no dates, so it cannot add them otherwise.
    """

    _name = "veloc.retention.scope"
    _description = "What retention is due on"

    # === THE HOUSE'S CALENDAR === #

    @api.model
    def _zone(self):
        """Return the zone in which the days of terms begin."""
        return self.env.company.partner_id.tz or DEFAULT_ZONE

    @api.model
    def _today(self):
        local = self.with_context(tz=self._zone())
        return fields.Date.context_today(local)

    # === PEOPLE === #

    @api.model
    def _clocks(self):
        """Return SQL: id, is_client and a date for each clock, of every data subject.

        Colleagues, companies and contacts of other business are none of these.
        """
        partners = self.env["res.partner"]
        return SQL(
            """
            SELECT p.id, %(client)s AS is_client,
                %(end)s AS relationship_end,
                %(activity)s AS last_activity,
                %(revocation)s AS revocation
            FROM res_partner p
            LEFT JOIN LATERAL (
                SELECT max(recorded_at) FILTER (WHERE NOT granted) AS revoked_at,
                    bool_or(granted) AS granted, max(recorded_at) AS said_at
                FROM veloc_consent_state WHERE partner_id = p.id) said ON true
            %(joins)s
            WHERE %(subject)s AND NOT coalesce(p.is_company, false)
                AND NOT EXISTS (SELECT FROM res_users u
                    WHERE u.partner_id = p.id AND NOT u.share)
                AND NOT EXISTS (SELECT FROM res_company c WHERE c.partner_id = p.id)
            """,
            client=partners._veloc_is_client_sql(),
            end=SQL("p.veloc_relationship_end"),
            activity=self._local_day(partners._veloc_last_activity_sql()),
            revocation=self._local_day(
                SQL("CASE WHEN NOT said.granted THEN said.revoked_at END")
            ),
            joins=partners._veloc_clock_joins_sql(),
            subject=partners._veloc_is_subject_sql(),
        )

    @api.model
    def _local_day(self, moment):
        zone = self._zone()
        return SQL("((%s) AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)

    @api.model
    def _subjects(self, partner_ids):
        """Return ``{partner_id: rules.retention.Subject}`` in one query."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, is_client, relationship_end, last_activity, revocation"
                " FROM (%s) clock WHERE id = ANY(%s)",
                self._clocks(),
                list(partner_ids),
            )
        )
        return {
            id_: retention.Subject(
                dict(zip(retention.PERSON_STARTS, starts, strict=True)), is_client
            )
            for id_, is_client, *starts in rows
        }

    @api.model
    def _due_people(self, regimes, today):
        """Return SQL: the ids of the people on whom all this is over."""
        return SQL(
            """
            SELECT clock.id FROM (%s) clock WHERE %s
                AND NOT EXISTS (
                    SELECT FROM veloc_erasure e WHERE e.partner_id = clock.id)
            """,
            self._clocks(),
            self._due(regimes, today),
        )

    # === THE RULE AS SQL === #

    @api.model
    def _due(self, regimes, today, event=None):
        """Return the condition of :func:`rules.retention.is_due`, term by term.

        ``event``: the row's own date, a column of a date or a time.
        """
        facts = [
            (regime, self._binds(regime), self._is_over(regime, today, event))
            for regime in regimes
        ]
        duties = [
            SQL("(NOT %s OR %s)", binds, over)
            for regime, binds, over in facts
            if regime.is_minimum
        ]
        limits = [(b, over) for regime, b, over in facts if not regime.is_minimum]
        conditions = [_any(binds for _regime, binds, _over in facts), *duties]
        if limits:
            conditions.append(
                SQL(
                    "(NOT %s OR %s)",
                    _any(binds for binds, _over in limits),
                    _any(SQL("(%s AND %s)", *limit) for limit in limits),
                )
            )
        return SQL(" AND ").join(conditions)

    def _binds(self, regime):
        if regime.population == "all":
            return SQL("true")
        if regime.population == "clients":
            return SQL("coalesce(clock.is_client, false)")
        return SQL("NOT coalesce(clock.is_client, false)")

    def _is_over(self, regime, today, event):
        if regime.start == "event_date":
            moment = retention.cutoff_moment(regime, today, self._zone())
            if event is None or moment is None:
                return SQL("false")
            return SQL("coalesce(%s < %s, false)", event, moment)
        day = retention.cutoff(regime, today)
        if day is None:
            return SQL("false")
        column = SQL.identifier("clock", regime.start)
        return SQL("coalesce(%s <= %s, false)", column, day)

    # === ROWS === #

    @api.model
    def _sources(self, model_name, data_class):
        """Return the entries of the data map on these rows."""
        return [
            source
            for source in self.env["veloc.personal.data"]._data_map()
            if source.model == model_name and source.data_class == data_class
        ]

    @api.model
    def _has_person(self, model_name, data_class):
        """Whether these rows lead to a person in a way that a term can follow."""
        return any(
            source.subject and not source.via
            for source in self._sources(model_name, data_class)
        )

    @api.model
    def _rows_query(self, model_name, data_class, regimes, date_field, today):
        """Return the query of the rows on which all this is over, holds left aside."""
        # sudo: retention asks for everybody's rows, archived ones included.
        model = self.env[model_name].sudo().with_context(active_test=False)
        sources = self._sources(model_name, data_class)
        conditions = {source.condition for source in sources} or {()}
        domain = Domain.OR([Domain(list(condition)) for condition in conditions])
        query = model._search(domain)
        event = None
        if date_field:
            event = model._field_to_sql(query.table, date_field, query)
        if any(r.start != "event_date" or r.population != "all" for r in regimes):
            self._join_clock(model, query, sources)
        query.add_where(self._due(regimes, today, event))
        return query

    def _join_clock(self, model, query, sources):
        path = next(s.subject for s in sources if s.subject and not s.via)
        query.add_join(
            "LEFT JOIN",
            "clock",
            SQL("(%s)", self._clocks()),
            SQL("clock.id = %s", self._path_sql(model, query, path)),
        )

    def _path_sql(self, model, query, path):
        """Return the column at the end of a path of many-to-one fields."""
        alias, names = query.table, path.split(".")
        for name in names[:-1]:
            comodel = self.env[model._fields[name].comodel_name]
            alias = query.left_join(alias, name, comodel._table, "id", name)
            model = comodel
        return SQL.identifier(alias, names[-1])

    @api.model
    def _held_rows(self, model_name, data_class):
        """Return queries of the rows that belong to people under a hold.

        Holds of kind *retention* are about the sealed copy of who is erased already.
        """
        ids = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM veloc_legal_hold h"
                " WHERE h.kind <> 'retention' AND %s",
                self.env["veloc.legal.hold"]._in_force("h"),
            )
        )
        held = self.env["res.partner"].browse(row[0] for row in ids)
        if not held:
            return []
        data = self.env["veloc.personal.data"]
        # sudo: see _rows_query.
        model = self.env[model_name].sudo().with_context(active_test=False)
        return [
            model._search(data._domain(source, held)).subselect()
            for source in self._sources(model_name, data_class)
            if source.is_personal
        ]


def _any(conditions):
    return SQL("(%s)", SQL(" OR ").join(conditions))
