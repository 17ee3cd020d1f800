from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import blocklist_file

SOURCES = [
    ("nao_me_perturbe", "Não Me Perturbe"),
    ("procon", "Procon (state)"),
    ("partner", "Partner's opt-outs"),
    ("internal", "The house's own"),
]
SCOPES = [
    ("calls", "Phone calls"),
    ("phones", "Calls, SMS and WhatsApp"),
    ("email", "E-mail"),
    ("all", "Every channel"),
]
HOLDS = [("phone", "Phone numbers"), ("email", "E-mail addresses"), ("cpf", "CPF")]


class VelocBlocklist(models.Model):
    """A list of people whom promotion must not reach, by whatever keeps such lists.

    Its entries are keyed hashes: it knows whom it blocks and says so to nobody, and
    people who come later are matched as well.
    """

    _name = "veloc.blocklist"
    _description = "Do-not-contact list"
    _order = "name, id"

    name = fields.Char(required=True)
    code = fields.Char(required=True, help="Stands in the suppressions it causes.")
    source = fields.Selection(SOURCES, required=True, default="internal")
    scope = fields.Selection(
        SCOPES,
        "Closes",
        required=True,
        default="calls",
        help="Promotion on these channels is refused for whoever is listed.",
    )
    holds = fields.Selection(
        HOLDS,
        help="What the files contain, where they have no heading: eleven digits may "
        "be a mobile number as well as a CPF.",
    )
    refresh_days = fields.Integer(
        "Refresh every (days)", default=30, help="How old its last file may become."
    )
    note = fields.Text()
    active = fields.Boolean(default=True)
    import_ids = fields.One2many("veloc.blocklist.import", "list_id", "Files")
    entry_count = fields.Integer("Entries", compute="_compute_counts")
    person_count = fields.Integer("Contacts listed", compute="_compute_counts")
    last_import_at = fields.Datetime("Last file", compute="_compute_last_import")
    is_stale = fields.Boolean("Too old", compute="_compute_last_import")

    _code_unique = models.UniqueIndex("(code)", "There is a list with this code.")

    # === COMPUTE === #

    def _compute_counts(self):
        entries = self._count_entries()
        people = self._count_people()
        for blocklist in self:
            blocklist.entry_count = entries.get(blocklist, 0)
            blocklist.person_count = people.get(blocklist.id, 0)

    def _count_entries(self):
        """Return ``{list: number of entries in force}``."""
        return dict(
            self.env["veloc.blocklist.entry"]._read_group(
                [("list_id", "in", self.ids), ("ended_at", "=", False)],
                ["list_id"],
                ["__count"],
            )
        )

    def _count_people(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.list_id, count(DISTINCT m.partner_id)
                FROM veloc_blocklist_match m
                JOIN veloc_blocklist_entry e ON e.id = m.entry_id
                WHERE e.list_id = ANY(%s) AND e.ended_at IS NULL GROUP BY 1
                """,
                self.ids,
            )
        )
        return dict(rows)

    @api.depends("import_ids.state", "import_ids.done_at", "refresh_days")
    def _compute_last_import(self):
        newest = dict(
            self.env["veloc.blocklist.import"]._read_group(
                [("list_id", "in", self.ids), ("state", "=", "done")],
                ["list_id"],
                ["done_at:max"],
            )
        )
        now = fields.Datetime.now()
        for blocklist in self:
            last = newest.get(blocklist, False)
            blocklist.last_import_at = last
            age = (now - last).days if last else 0
            blocklist.is_stale = bool(last) and age > blocklist.refresh_days > 0

    # === CRUD === #

    def write(self, vals):
        """Bring the suppressions along when a list closes other channels, or none."""
        result = super().write(vals)
        if {"scope", "active"} & vals.keys():
            entries = self.env["veloc.blocklist.entry"]
            for blocklist in self:
                entries._match_again(blocklist)
        return result

    # === ACTIONS === #

    def action_import(self):
        """Ask for the list's newest file (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_blocklist_upload_action"
        )
        return action | {"context": {"default_list_id": self.id}}

    # === BUSINESS === #

    def _channels(self):
        """Return the channels that the list closes; None stands for all."""
        self.ensure_one()
        return blocklist_file.SCOPES[self.scope] if self.active else ()
