"""The people in a batch: new traders and their contacts, consents, suppressions."""

import json

from odoo import api, models
from odoo.tools import SQL

from ..rules.batch import Known
from ..rules.event_schema import INTRODUCING
from ..rules.introduction import merge_introductions
from ..rules.wishes import read_wishes, types_about

# One lock for whoever creates traders: references and contacts are unique.
CREATE_LOCK = 7_602_001
QUIETLY = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}
INSERT_TRADERS = """
INSERT INTO veloc_trader (
    partner_id, external_ref, zone, campaign_id, source_id, medium_id, stage, kyc_state,
    company_id, currency_id, deposit_count, deposit_total, withdrawal_count,
    withdrawal_total, net_deposit, trade_count, volume_total, result_total,
    create_uid, create_date, write_uid, write_date)
SELECT partner_id, external_ref, zone, utm_campaign, utm_source, utm_medium, 'lead',
    'none', %(company)s, %(currency)s, 0, 0, 0, 0, 0, 0, 0, 0,
    %(uid)s, %(now)s, %(uid)s, %(now)s
FROM json_to_recordset(%(rows)s::json) AS r (
    partner_id int4, external_ref varchar, zone varchar, utm_campaign int4,
    utm_source int4, utm_medium int4)
ORDER BY external_ref
RETURNING external_ref, id, partner_id, company_id
"""


class VelocIngestPeople(models.AbstractModel):
    """Personal data goes to the contact, and nowhere else."""

    _name = "veloc.ingest.people"
    _description = "Event Ingestion: People"

    @api.model
    def _introduce(self, batch):
        """Create the traders we have not met and renew what the others told us."""
        new_ids = batch.ids
        told = [
            event
            for event in batch.events
            if event.type in INTRODUCING
            and (event.id in new_ids or event.trader not in batch.known)
        ]
        if not told:
            return
        people = merge_introductions(told, batch.now.date(), batch.warn)
        if people.keys() - batch.known.keys():
            self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", [CREATE_LOCK])
            self.env["veloc.ingest"]._find_traders(batch)
        missing = {r: p for r, p in people.items() if r not in batch.known}
        staff = self._find_staff(batch, people)
        for event in told:
            if event.trader in staff:
                batch.warn(event, "staff_contact")
        met = {r: p for r, p in people.items() if r in batch.known and r not in staff}
        if missing:
            self._create_traders(batch, missing)
        if met:
            self._renew_contacts(batch, met)
        self._met(batch, {ref: p for ref, p in people.items() if ref not in staff})

    @api.model
    def _met(self, batch, people):
        """Extend to do more about who was introduced: ``{reference: Introduction}``."""

    # === CREATE === #

    @api.model
    def _create_traders(self, batch, people):
        """Create contacts by the ORM (its computed columns) and traders by SQL."""
        values = self._prepare_partner_values(people)
        partners = (
            self.env["res.partner"]
            .with_context(**QUIETLY)
            .create(list(values.values()))
        )
        partners.flush_recordset()
        zones = partners._veloc_zones()
        utm = self._find_utm(people)
        rows = [
            {
                "partner_id": partner.id,
                "external_ref": ref,
                "zone": people[ref].zone or zones[partner.id],
                **utm[ref],
            }
            for ref, partner in zip(values, partners, strict=True)
        ]
        created = self.env.execute_query(
            SQL(
                INSERT_TRADERS,
                company=self.env.company.id,
                currency=self.env.company.currency_id.id,
                uid=self.env.uid,
                now=batch.now,
                rows=json.dumps(rows),
            )
        )
        batch.known.update({ref: Known(*ids) for ref, *ids in created})
        batch.created = len(created)

    @api.model
    def _prepare_partner_values(self, people):
        """Return ``{ref: values}``; a person without a name is called by the ref."""
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        brazil = self.env.ref("base.br")
        states = {
            state.code: state.id
            for state in self.env["res.country.state"].search(
                [("country_id", "=", brazil.id)]
            )
        }
        return {
            ref: {
                "name": told.name or ref,
                "email": told.email,
                "phone": told.phone,
                "tz": told.zone,
                "lang": told.language if told.language in languages else None,
                "state_id": states.get(told.uf),
                "street": told.street,
                "zip": told.zip,
                "city": told.city,
                "country_id": brazil.id if told.is_brazilian else None,
                "veloc_birth_date": told.birth_date,
            }
            | ({"veloc_cpf": told.cpf} if told.cpf else {})
            for ref, told in people.items()
        }

    @api.model
    def _find_utm(self, people):
        """Return ``{ref: {utm key: id}}``; labels not seen before are created."""
        found = {ref: {} for ref in people}
        for key in ("utm_source", "utm_medium", "utm_campaign"):
            labels = {told.utm[key] for told in people.values() if key in told.utm}
            if not labels:
                continue
            model = self.env[key.replace("_", ".")]
            records = model.search([("name", "in", list(labels))])
            ids = {record.name: record.id for record in records}
            new = sorted(labels - ids.keys())
            created = model.create([{"name": label} for label in new])
            ids.update(zip(new, created.ids, strict=True))
            for ref, told in people.items():
                if key in told.utm:
                    found[ref][key] = ids[told.utm[key]]
        return found

    # === RENEW === #

    @api.model
    def _find_staff(self, batch, people):
        """Return the references whose contact is a colleague's.

        Passwords are sent to the contact's address: an event must not choose it.
        """
        refs = {
            batch.known[ref].partner_id: ref for ref in people if ref in batch.known
        }
        if not refs:
            return set()
        colleagues = self.env["res.users"].search(
            [("partner_id", "in", list(refs)), ("share", "=", False)]
        )
        return {refs[partner_id] for partner_id in colleagues.partner_id.ids}

    @api.model
    def _renew_contacts(self, batch, people):
        """Write what known people told anew; old news only fills what is empty."""
        values = self._prepare_partner_values(people)
        rows = [
            {
                **value,
                "id": batch.known[ref].partner_id,
                "name": people[ref].name,
                "zone": people[ref].zone,
                "at": people[ref].at.isoformat(),
            }
            for ref, value in values.items()
        ]
        columns = [
            "name",
            "email",
            "phone",
            "tz",
            "lang",
            "state_id",
            "street",
            "zip",
            "city",
            "country_id",
            "veloc_birth_date",
        ]
        partners = self.env["res.partner"].browse(row["id"] for row in rows)
        partners.flush_recordset()
        news = dict(self.env.execute_query(self._renew_query(columns, rows, batch.now)))
        partners.invalidate_recordset(flush=False)
        partners._veloc_learn_cpfs(
            {
                row["id"]: (row["veloc_cpf"], news[row["id"]])
                for row in rows
                if "veloc_cpf" in row and row["id"] in news
            }
        )
        partners.modified(columns)
        partners.flush_recordset()
        self._renew_zones(partners)

    @api.model
    def _renew_query(self, columns, rows, now):
        assignments = SQL(", ").join(
            SQL(
                "%(column)s = CASE WHEN is_news"
                " THEN coalesce(d.%(column)s, p.%(column)s)"
                " ELSE coalesce(p.%(column)s, d.%(column)s) END",
                column=SQL.identifier(column),
            )
            for column in columns
        )
        return SQL(
            """
            UPDATE res_partner p
            SET %s, write_uid = %s, write_date = %s
            FROM (
                SELECT r.*, r.at >= coalesce(greatest(t.lead_at, t.signup_at), r.at)
                       AS is_news
                FROM json_to_recordset(%s::json) AS r (
                    id int4, at timestamp, name varchar, email varchar, phone varchar,
                    tz varchar, lang varchar, state_id int4, street varchar,
                    zip varchar, city varchar, country_id int4,
                    veloc_birth_date date)
                JOIN veloc_trader t ON t.partner_id = r.id
            ) d
            WHERE d.id = p.id
            RETURNING p.id, d.is_news
            """,
            assignments,
            self.env.uid,
            now,
            json.dumps([_without_cpf(row) for row in rows], default=str),
        )

    @api.model
    def _renew_zones(self, partners):
        rows = [
            {"id": partner_id, "zone": zone}
            for partner_id, zone in partners._veloc_zones().items()
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader t SET zone = r.zone"
                " FROM json_to_recordset(%s::json) AS r (id int4, zone varchar)"
                " WHERE t.partner_id = r.id AND t.zone IS DISTINCT FROM r.zone",
                json.dumps(rows),
            )
        )

    # === CONSENTS AND SUPPRESSIONS === #

    @api.model
    def _check_consents(self, batch):
        """Refuse events whose consents name what does not exist: proof must hold."""
        if not any("consents" in event.data for event in batch.events):
            return
        named = {
            item["purpose"]
            for event in batch.events
            for item in event.data.get("consents") or ()
        }
        purposes = self.env["veloc.purpose"].search([("code", "in", list(named))])
        known = set(purposes.mapped("code"))
        channels = set(dict(self.env["veloc.consent"]._fields["channel"].selection))
        batch.keep(
            lambda event: all(
                item["purpose"] in known and item["channel"] in channels
                for item in event.data.get("consents") or ()
            ),
            "unknown_purpose",
        )

    @api.model
    def _record_wishes(self, batch):
        """Record the consents given with the events, and what protects people."""
        consents, impositions, lifts = read_wishes(batch)
        if consents:
            answers = self.env["veloc.consent"].record(
                [item for _event, item in consents]
            )
            for (event, _item), answer in zip(consents, answers, strict=True):
                if "code" in answer:
                    batch.warn(event, "consent_not_recorded")
        suppressions = self.env["veloc.suppression"]
        for (kind, until), partner_ids in impositions.items():
            suppressions._impose(partner_ids, kind, source=batch.source, until=until)
        for kind, partner_ids in lifts.items():
            suppressions._lift(
                set(partner_ids) - self._find_newer_blocks(kind, partner_ids),
                kind,
                source=batch.source,
                # What staff imposed, staff lifts: an event knows nothing of it.
                except_source="staff",
            )

    @api.model
    def _find_newer_blocks(self, kind, partner_ids):
        """Return whom a newer event blocked: an old "closed" that comes late is void.

        The batch is stored already, so its own events count.
        """
        imposing, lifting = types_about(kind)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.partner_id FROM veloc_trader t
                JOIN veloc_trader_event_raw r ON r.trader_id = t.id
                WHERE t.partner_id = ANY(%(ids)s) AND r.type IN %(types)s
                GROUP BY t.partner_id
                HAVING max(r.at) FILTER (WHERE r.type = %(imposing)s)
                     > max(r.at) FILTER (WHERE r.type = %(lifting)s)
                """,
                ids=list(partner_ids),
                types=(imposing, lifting),
                imposing=imposing,
                lifting=lifting,
            )
        )
        return {partner_id for (partner_id,) in rows}


def _without_cpf(row):
    """Return the row as it may stand in a statement, which PostgreSQL may log."""
    return {key: value for key, value in row.items() if key != "veloc_cpf"}
