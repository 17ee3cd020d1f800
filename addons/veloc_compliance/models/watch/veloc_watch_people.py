from datetime import timedelta

from odoo import fields, models

from ...rules.finding import Finding


class VelocWatch(models.AbstractModel):
    """What staff and strangers do with accounts: roles, failed logins, exports."""

    _inherit = "veloc.watch"

    def _check_privilege_granted(self, _rule, _since):
        """Somebody holds a powerful role who did not hold it a minute ago."""
        now = fields.Datetime.now()
        privileges = self.env["veloc.privilege"]
        is_first = not privileges.search([], limit=1)
        new = privileges._compare(now)
        if is_first:
            text = self.env._(
                "The watch notes who holds the powerful roles. From now on each new "
                "holder is an alert; look through the list once."
            )
            return [Finding("first", text, "veloc.privilege", severity="info", at=now)]
        names = dict(
            self.env["res.groups"]
            .browse({group_id for _user, group_id in new})
            .mapped(lambda group: (group.id, group.full_name))
        )
        return [
            Finding(
                f"{user_id}:{group_id}",
                self.env._("New in the role: %(role)s", role=names[group_id]),
                "res.users",
                user_id,
                at=now,
                about_user_id=user_id,
            )
            for user_id, group_id in new
        ]

    def _check_failed_logins(self, rule, since):
        """``threshold`` failures today against one account, or from one address."""
        failures = self.env["veloc.signin.failure"]
        fresh = failures.search([("last_at", ">=", since)])
        if not fresh:
            return []
        today = failures.search([("day", ">=", min(fresh.mapped("day")))])
        findings = []
        for user, rows in today.filtered("user_id").grouped("user_id").items():
            key = f"account:{user.id}"
            findings += self._too_many(rows, fresh, rule, key, user)
        for address, rows in today.filtered("address").grouped("address").items():
            findings += self._too_many(rows, fresh, rule, f"address:{address}")
        return findings

    def _too_many(self, rows, fresh, rule, key, user=None):
        tries = sum(row.count + row.refused for row in rows)
        if tries < rule.threshold or not rows & fresh:
            return []
        newest = max(rows, key=lambda row: row.last_at)
        text = self.env._(
            "%(tries)s failed logins, %(accounts)s accounts, %(addresses)s addresses",
            tries=tries,
            accounts=len(set(rows.mapped("account_key"))),
            addresses=len(set(rows.mapped("address"))),
        )
        about = ("res.users", user.id) if user else (newest._name, newest.id)
        return [Finding(f"{key}:{newest.day}", text, *about, at=newest.last_at)]

    def _check_unusual_export(self, rule, since):
        """``threshold`` rows taken out by one person in the window, or a refusal."""
        log = self.env["veloc.export.log"]
        fresh = log.search([("at", ">=", since)])
        if not fresh:
            return []
        window = fields.Datetime.now() - timedelta(minutes=rule.window)
        taken = log._read_group(
            [
                ("user_id", "in", fresh.user_id.ids),
                ("state", "=", "taken"),
                ("at", ">=", window),
            ],
            ["user_id"],
            ["rows:sum", "at:max"],
        )
        findings = [
            self._prepare_export(
                user,
                "taken",
                at,
                self.env._(
                    "%(rows)s rows in %(minutes)s min", rows=rows, minutes=rule.window
                ),
            )
            for user, rows, at in taken
            if rows >= rule.threshold
        ]
        refused = fresh.filtered(lambda entry: entry.state == "refused")
        for user, entries in refused.grouped("user_id").items():
            text = self.env._(
                "%(count)s refused, %(rows)s rows wanted",
                count=len(entries),
                rows=sum(entries.mapped("rows")),
            )
            at = max(entries.mapped("at"))
            findings.append(self._prepare_export(user, "refused", at, text))
        return findings

    def _prepare_export(self, user, what, at, text):
        key = f"{user.id}:{what}"
        return Finding(key, text, "res.users", user.id, at=at, about_user_id=user.id)
