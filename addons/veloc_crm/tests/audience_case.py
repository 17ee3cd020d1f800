"""A list for an advertising platform, and thirty people who agreed to be on it."""

import csv
import io
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields

from odoo.addons.veloc_crm.rules import audience_hash

from .common import TraderMixin


class AudienceMixin(TraderMixin):
    """Thirty people in a static segment, who agreed to be handed over by e-mail."""

    PEOPLE = 30

    @classmethod
    def _set_up_audience(cls):
        cls._set_up_broker()
        case = cls()
        case._ingest(
            *(
                case._signup(
                    f"T-{n}",
                    days_ago=9,
                    name=f"Ana Silva {n}",
                    email=f"ana{n}@example.com",
                    phone=f"+55119612345{n:02}",
                    birth_date="1990-02-03",
                )
                for n in range(cls.PEOPLE)
            )
        )
        cls.traders = (
            cls.env["veloc.trader"]
            .search([("external_ref", "like", "T-")])
            .sorted(lambda trader: int(trader.external_ref[2:]))
        )
        cls.partners = cls.traders.partner_id
        cls.segment = cls.env["veloc.segment"].create(
            {"name": "People", "code": "people", "kind": "static"}
        )
        cls.env["veloc.segment.member"].create(
            [
                {
                    "segment_id": cls.segment.id,
                    "trader_id": trader.id,
                    "since": cls.now,
                }
                for trader in cls.traders
            ]
        )
        cls.vendor = cls._make_vendor()
        case._agree(cls.partners)
        cls.export = cls._make_export()

    @classmethod
    def _make_vendor(cls):
        vendor = cls.env["veloc.vendor"].create(
            {
                "name": "Meta Platforms, Inc.",
                "role": "joint_controller",
                "services": "Ads",
                "country_id": cls.env.ref("base.us").id,
                "mechanism": "consent",
                "contract_reference": "Terms",
                "contract_signed_on": "2026-01-01",
            }
        )
        # What the register asks before is the register's own test.
        vendor.sudo().write({"state": "active"})
        return vendor

    @classmethod
    def _make_export(cls, **values):
        export = cls.env["veloc.audience.export"].create(
            {
                "name": "List",
                "segment_id": cls.segment.id,
                "vendor_id": cls.vendor.id,
                "smallest": 20,
                **values,
            }
        )
        export.action_activate()
        return export

    def _agree(self, partners, granted=True, channel="email"):
        answers = self.env["veloc.consent"].record(
            [
                {
                    "partner_id": partner.id,
                    "purpose": "ads_audience",
                    "channel": channel,
                    "granted": granted,
                    "source": "test",
                    "language": "en_US",
                }
                for partner in partners
            ]
        )
        self.assertFalse([answer for answer in answers if "code" in answer])

    def _run(self, export=None, **later):
        now = fields.Datetime.now() + timedelta(**later)
        return (export or self.export)._run(now)

    def _file(self, run, kind="add"):
        """Return the file's rows as dicts."""
        _name, content = run._fetch(kind)
        return list(csv.DictReader(io.StringIO(content.decode())))

    def _hand_over(self, export=None):
        """Make a run and fetch its add file: the platform knows of everybody."""
        run = self._run(export)
        run._fetch("add")
        return run

    def _hash(self, number):
        return audience_hash.sha256(f"ana{number}@example.com")

    def _cron(self, **later):
        with freeze_time(fields.Datetime.now() + timedelta(**later)):
            self.env.ref("veloc_crm.ir_cron_audience_exports").method_direct_trigger()
        self.env.invalidate_all()
