from odoo import fields, models
from odoo.tools import SQL

from ...rules import rule_domain


class VelocWatch(models.AbstractModel):
    """Asks the rules that people built, where something changed since."""

    _inherit = "veloc.watch"

    def _claim(self, now):
        """Leave out built rules whose tables nobody touched; one query for all."""
        due = super()._claim(now)
        built = [rule for rule, *_rest in due if rule.how == "built"]
        if not built:
            return due
        marks = self.env["veloc.watch.mark"].search(
            [("rule_id", "in", [rule.id for rule in built])]
        )
        counters = self._counters({r: self._tables_of(r) for r in built})
        idle = set()
        for mark in marks:
            after = counters[mark.rule_id]
            if rule_domain.is_worth_asking(mark.counter, after, mark.asked_at, now):
                mark.write({"counter": after, "asked_at": now})
            else:
                idle.add(mark.rule_id.id)
        return [row for row in due if row[0].id not in idle]

    def _tables_of(self, rule):
        """Return the tables that the condition of a rule looks into."""
        model = self.env[rule.model_name]
        tables = {model._table}
        try:
            found = rule_domain.paths(rule_domain.read(rule.domain))
        except rule_domain.NotPlainError:
            return tables  # asking it will say so
        for path in found:
            step = model
            for name in path.split("."):
                field = step._fields.get(name)
                if field is None or not field.relational:
                    break
                tables |= {field.relation} if field.type == "many2many" else set()
                step = self.env[field.comodel_name]
                tables.add(step._table)
        return tables

    def _counters(self, tables):
        """Return {rule: the database's count of changes in its tables}.

        A view or a partitioned root has no count of its own: such rules are always
        asked. The counts may lag by seconds, which delays an answer and loses none.
        """
        names = sorted(set().union(*tables.values()))
        counts = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT s.relname, n_tup_ins + n_tup_upd + n_tup_del
                      FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
                     WHERE s.relname = ANY(%s) AND c.relkind = 'r'
                       AND s.schemaname = current_schema
                    """,
                    names,
                )
            )
        )
        return {
            rule: ""
            if wanted - counts.keys()
            else " ".join(f"{name}:{counts[name]}" for name in sorted(wanted))
            for rule, wanted in tables.items()
        }

    def _look(self, rule, since):
        if rule.how == "built":
            return rule._findings(fields.Datetime.now())
        return super()._look(rule, since)
