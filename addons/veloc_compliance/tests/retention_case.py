"""Set-up of the tests of retention, holds and erasure."""

import os
import random
from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tools import SQL

from .common import ComplianceCase

# Thousands here, a hundred thousand in the bench: the same code, the same oracle.
ROWS = int(os.environ.get("VELOC_RETENTION_ROWS", "3000"))
CPF = "529.982.247-25"


class RetentionCase(ComplianceCase):
    """Two officers, and policies of one's own beside the shipped suggestions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = cls.env.ref("veloc_compliance.group_officer")
        cls.officer, cls.second = cls.env["res.users"].create(
            [
                {
                    "name": login,
                    "login": login,
                    "email": f"{login}@house.example.com",
                    "group_ids": [Command.link(group.id)],
                }
                for login in ("encarregada", "substituto")
            ]
        )
        cls.scope = cls.env["veloc.retention.scope"]
        cls.today = cls.scope._today()
        cls.random = random.Random(20260311)

    # === POLICIES === #

    @classmethod
    def _no_policies(cls):
        """Take the shipped suggestions out of the way of a test."""
        cls.env["veloc.retention.version"].search([("state", "=", "in_force")]).write(
            {"state": "retired"}
        )

    @classmethod
    def _policy(cls, data_class="identity", model=None, date_field=None, **terms):
        """Return the version in force of a new policy, released for nightly runs."""
        policy = cls.env["veloc.retention.policy"].create(
            {
                "name": "Test",
                "data_class": data_class,
                "model_name": model,
                "date_field": date_field,
            }
        )
        values = {
            "law": "Test law, art. 1",
            "start": "event_date" if date_field else "relationship_end",
            "action": "delete" if model else "destroy_key",
            "period": 5,
            "unit": "years",
        }
        return cls.env["veloc.retention.version"].create(
            {
                **values,
                **terms,
                "policy_id": policy.id,
                "state": "in_force",
                "armed_at": "2026-01-01 00:00:00",
            }
        )

    def _run_retention(self):
        """Run the nightly job as the scheduler does; return its run."""
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_retention").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["veloc.retention.run"].search([("is_dry", "=", False)], limit=1)

    def _run_erasures(self):
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()

    # === A CROWD === #

    def _some_day(self, years=14):
        return self.today - timedelta(days=self.random.randint(0, 365 * years))

    def _people(self, number, **more):
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Pessoa Numero {n}",
                    "email": f"p{n}@crowd{number}.example.com",
                }
                | more
                for n in range(number)
            ]
        )

    def _verdicts(self, people, number=ROWS):
        """Insert verdicts of random times; return ``{id: (partner, moment)}``."""
        purpose = self.purpose("marketing")
        version = purpose.current_version_id
        rows = []
        for _n in range(number):
            day = self._some_day()
            moment = datetime.combine(day, datetime.min.time()) + timedelta(
                seconds=self.random.randint(0, 86_399)
            )
            rows.append((self.random.choice(people.ids), moment))
        inserted = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_gate_verdict (partner_id, purpose_id,
                    purpose_version_id, channel, allowed, reason, basis, decided_at)
                SELECT partner, %s, %s, 'sms', false, 'no_record', 'consent', at
                FROM unnest(%s::int[], %s::timestamp[]) AS r (partner, at)
                RETURNING id, partner_id, decided_at
                """,
                purpose.id,
                version.id,
                [row[0] for row in rows],
                [row[1] for row in rows],
            )
        )
        return {id_: (partner, at) for id_, partner, at in inserted}

    def _left(self, ids):
        """Return which of these verdicts are still there."""
        rows = self.env.execute_query(
            SQL("SELECT id FROM veloc_gate_verdict WHERE id = ANY(%s)", list(ids))
        )
        return {row[0] for row in rows}

    def _local_date(self, moment):
        rows = self.env.execute_query(
            SQL("SELECT %s", self.scope._local_day(SQL("%s::timestamp", moment)))
        )
        return rows[0][0]

    # === SEARCHING === #

    def _find_everywhere(self, *needles):
        """Return (table, column) of every place that still holds one of the texts."""
        self.env.flush_all()
        columns = self.env.execute_query(
            SQL(
                """
                SELECT c.relname, a.attname FROM pg_class c
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                    AND NOT a.attisdropped
                JOIN pg_type t ON t.oid = a.atttypid
                WHERE c.relkind = 'r' AND t.typname IN
                    ('text', 'varchar', 'bpchar', 'json', 'jsonb', 'bytea')
                    AND c.relnamespace = current_schema()::regnamespace
                """
            )
        )
        by_table = {}
        for table, column in columns:
            by_table.setdefault(table, []).append(column)
        wanted = [f"%{needle}%" for needle in needles]
        return [
            (table, row)
            for table, names in by_table.items()
            for (row,) in self.env.execute_query(
                SQL(
                    "SELECT t::text FROM %s t WHERE %s LIMIT 3",
                    SQL.identifier(table),
                    SQL(" OR ").join(
                        SQL("%s::text ILIKE ANY(%s)", SQL.identifier(name), wanted)
                        for name in names
                    ),
                )
            )
        ]


def years_ago(day, years):
    """Return the same day some years before; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
