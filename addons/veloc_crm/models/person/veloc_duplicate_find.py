from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...rules import duplicates
from ...rules.duplicates import Record

ANALYST = "veloc_crm.group_analyst"
RECORDS = """
SELECT p.id, p.name, p.email_normalized, p.phone_sanitized, p.veloc_cpf_blind,
    p.veloc_birth_date, p.zip, p.city,
    ARRAY(SELECT digest FROM veloc_trader_device d WHERE d.trader_id = t.id), p.street,
    p.veloc_cnpj_blind, p.is_company
FROM res_partner p LEFT JOIN veloc_trader t ON t.partner_id = p.id
WHERE p.id = ANY(%s) AND p.veloc_blocked_at IS NULL
    AND NOT EXISTS (SELECT FROM veloc_merge m
        WHERE m.loser_id = p.id AND m.state <> 'undone')
"""


class VelocDuplicate(models.Model):
    """Finding: by the keys that people share, in batches of those touched."""

    _inherit = "veloc.duplicate"

    @api.model
    def _find_for(self, partner_ids):
        """Look for doubles of these people; return ``{people, compared, pairs}``."""
        self.env["res.partner"].flush_model()
        touched = sorted(set(partner_ids))
        own, streets = self._records(touched)
        keys = self.env["veloc.person.key"]
        keys._renew(own.values(), streets)
        pairs = keys._pairs(touched)
        others = {id_ for pair in pairs for id_ in pair} - own.keys()
        people = own | self._records(others)[0]
        matches = [
            match
            for a, b in pairs
            if a in people and b in people
            if (match := duplicates.compare(people[a], people[b]))
            if match.score >= duplicates.SHOWN
        ]
        self._store(touched, matches)
        return {"people": len(own), "compared": len(pairs), "pairs": len(matches)}

    @api.model
    def _records(self, partner_ids):
        """Return ``{id: Record}`` and ``{id: (street, zip)}``; the merged are gone."""
        rows = self.env.execute_query(SQL(RECORDS, list(partner_ids)))
        records, streets = {}, {}
        for id_, name, email, phone, cpf, born, cep, city, devices, *more in rows:
            street, cnpj, is_company = more
            records[id_] = Record(
                id_,
                name or "",
                email or "",
                phone or "",
                cpf or "",
                born,
                cep or "",
                city or "",
                frozenset(devices),
                cnpj or "",
                bool(is_company),
            )
            if street:
                streets[id_] = (street, cep)
        return records, streets

    @api.model
    def _store(self, touched, matches):
        """List the pairs; what somebody decided stays, what no longer holds goes."""
        self.flush_model()
        rows = [(m.left, m.right, m.score, list(m.reasons)) for m in matches]
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM veloc_duplicate d
                WHERE d.state = 'open'
                    AND (d.left_id = ANY(%(ids)s) OR d.right_id = ANY(%(ids)s))
                    AND NOT EXISTS (SELECT FROM unnest(%(lefts)s::int[],
                        %(rights)s::int[]) AS m (a, b)
                        WHERE m.a = d.left_id AND m.b = d.right_id)
                """,
                ids=list(touched),
                lefts=[row[0] for row in rows],
                rights=[row[1] for row in rows],
            )
        )
        for left, right, score, reasons in rows:
            self._upsert(left, right, score, reasons)
        self.invalidate_model(flush=False)

    @api.model
    def _upsert(self, left, right, score, reasons):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_duplicate AS d (left_id, right_id, company_id, score,
                    reasons, state, found_at, create_uid, create_date, write_uid,
                    write_date)
                SELECT %(left)s, %(right)s,
                    coalesce(t.company_id, p.company_id, %(company)s), %(score)s,
                    to_jsonb(%(reasons)s::varchar[]), 'open', %(now)s, %(uid)s, %(now)s,
                    %(uid)s, %(now)s
                FROM res_partner p LEFT JOIN veloc_trader t ON t.partner_id = p.id
                WHERE p.id = %(left)s
                ON CONFLICT (left_id, right_id) DO UPDATE
                SET score = excluded.score, reasons = excluded.reasons
                WHERE d.state = 'open'
                """,
                left=left,
                right=right,
                company=self.env.company.id,
                score=score,
                reasons=reasons,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            )
        )

    # === DECIDING === #

    def action_merge(self):
        """Open the two side by side (button)."""
        self.ensure_one()
        self.env["veloc.merge"]._check_may_merge()
        return self.env["veloc.merge.wizard"]._open(self.left_id, self.right_id)

    def action_linked(self):
        """They are family or share a home: two people, linked (button)."""
        self._check_may_decide()
        self._decide("linked")
        self.env["veloc.trader.link"]._declare(self)
        return True

    def action_different(self):
        """They are two people; do not ask again (button)."""
        self._check_may_decide()
        self._decide("different")
        return True

    def action_reopen(self):
        """Ask again (button)."""
        self._check_may_decide()
        self.filtered(lambda pair: pair.state != "merged")._decide("open")
        self.env["veloc.trader.link"]._withdraw(self)
        return True

    def _check_may_decide(self):
        if not self.env.user.has_group(ANALYST):
            raise AccessError(
                self.env._("Only analysts and managers decide who is who.")
            )
        self.check_access("read")

    def _decide(self, state):
        """Note what somebody decided about these pairs."""
        # sudo: nobody has write rights; the callers have checked who decides.
        self.sudo().write(
            {
                "state": state,
                "decided_at": fields.Datetime.now() if state != "open" else False,
                "decided_by": self.env.uid if state != "open" else False,
            }
        )

    @api.model
    def _merged(self, survivor, loser):
        """Settle the pair of two that were merged; the loser's others are void."""
        # sudo: pairs follow the people, seen or not.
        pairs_sudo = self.sudo().search(
            ["|", ("left_id", "=", loser.id), ("right_id", "=", loser.id)]
        )
        own = pairs_sudo.filtered(lambda p: survivor in p.left_id | p.right_id)
        own._decide("merged")
        (pairs_sudo - own).filtered(lambda p: p.state == "open").unlink()
