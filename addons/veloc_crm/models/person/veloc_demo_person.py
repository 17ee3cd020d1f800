from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...demo import doubles


class VelocDemo(models.AbstractModel):
    """People who are here twice, and what a first night found about everybody."""

    _inherit = "veloc.demo"

    @api.model
    def _load_person(self):
        """Tell of them as the broker would, then do a night's work."""
        now = fields.Datetime.now()
        self._ingest(self._tell_doubles(now))
        self._furnish_home()
        people = (
            self.env["veloc.trader"].search([("signup_at", "!=", False)]).partner_id.ids
        )
        self.env["veloc.duplicate"]._find_for(people)
        self._merge_two()
        self.env["veloc.data.issue"]._check_people(people, now)
        self.env["veloc.trader.link"]._rebuild(now)
        self.env["veloc.data.quality"]._measure(now)
        self._tell_history(now.date())

    @api.model
    def _tell_doubles(self, now):
        phones = {
            person.name: person.phone
            for person in self._find_people(doubles.SAME_AS.values())
        }
        events = []
        for number, (ref, name, email, phone, device) in enumerate(doubles.TOLD):
            at = now - timedelta(days=20 - number)
            data = {"name": name, "email": email, "state": "SP", "utm_source": "google"}
            data["phone"] = phone or phones.get(doubles.SAME_AS.get(ref))
            told = [("signup", data)]
            if device:
                told.append(("login", {"device_id": device}))
            events += [
                {
                    "id": f"{ref}-{kind}",
                    "type": kind,
                    "trader": ref,
                    "at": at + timedelta(minutes=10 * minute),
                    "data": detail,
                }
                for minute, (kind, detail) in enumerate(told)
            ]
        return events

    @api.model
    def _find_people(self, names):
        return self.env["res.partner"].search([("name", "in", list(names))])

    @api.model
    def _person(self, ref):
        traders = self.env["veloc.trader"].search([("external_ref", "=", ref)])
        return traders.partner_id

    @api.model
    def _furnish_home(self):
        for ref in doubles.AT_HOME:
            self._person(ref).write(doubles.HOME)

    @api.model
    def _merge_two(self):
        survivor, loser = map(self._person, doubles.MERGED)
        reason = "Confirmado pela cliente por telefone"
        merge = self.env["veloc.merge"]._perform(survivor, loser, {}, reason)
        merge.merged_at -= timedelta(days=1)

    @api.model
    def _tell_history(self, today):
        """Earlier scores, so that the trend has a beginning."""
        rows = [
            (today - timedelta(days=ago), measure, ago)
            for measure in doubles.BEFORE
            for ago in range(doubles.DAYS, 0, -3)
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_data_quality (day, company_id, measure, total_count,
                    good_count, percent, is_latest)
                SELECT r.day, q.company_id, q.measure, q.total_count, 0,
                    q.percent + (r.before - q.percent) * r.ago / %(days)s, false
                FROM unnest(%(day)s::date[], %(measure)s::varchar[], %(ago)s::int[],
                    %(before)s::int[]) AS r (day, measure, ago, before)
                JOIN veloc_data_quality q ON q.measure = r.measure AND q.is_latest
                ON CONFLICT DO NOTHING
                """,
                days=doubles.DAYS,
                day=[day for day, _measure, _ago in rows],
                measure=[measure for _day, measure, _ago in rows],
                ago=[ago for _day, _measure, ago in rows],
                before=[doubles.BEFORE[measure] for _day, measure, _ago in rows],
            )
        )
        self.env.cr.execute(
            "UPDATE veloc_data_quality SET good_count = percent * total_count / 100"
            " WHERE NOT is_latest"
        )
        self.env["veloc.data.quality"]._measure(fields.Datetime.now())
