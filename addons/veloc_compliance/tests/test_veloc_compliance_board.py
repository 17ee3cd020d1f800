from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .watch_case import WatchCase


@tagged("post_install", "-at_install")
class TestVelocComplianceBoard(WatchCase):
    """One screen: the numbers of the lists behind it, and only what one may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.env["veloc.compliance.board"]

    def _load(self, user):
        return self.board.with_user(user).load()

    def _tile(self, user, code):
        return next(t for t in self._load(user)["tiles"] if t["code"] == code)

    def _value(self, user, open_):
        tiles = self._load(user)["tiles"]
        lines = [line for tile in tiles for line in tile["lines"]]
        return next(line["value"] for line in lines if line["open"] == open_)

    def test_every_number_opens_the_list_it_counts(self):
        self._grant(self.ana)
        self._grant(self.rui, granted=False)
        self.alerts._raise("ledger_unsound")
        self.alerts._raise("backup_late", severity="warning")
        for tile in self._load(self.officer)["tiles"]:
            for line in tile["lines"]:
                action = self.board.with_user(self.officer).open(line["open"])
                model = self.env[action["res_model"]].with_user(self.officer)
                count = model.search_count(action["domain"])
                if isinstance(line["value"], int) and tile["code"] != "ledger":
                    with self.subTest(line=line["label"]):
                        self.assertEqual(count, line["value"])

    def test_a_tile_is_as_bad_as_its_worst_line(self):
        self.assertEqual(self._tile(self.officer, "alerts")["state"], "good")
        self.alerts._raise("backup_late", severity="warning")
        self.assertEqual(self._tile(self.officer, "alerts")["state"], "warn")
        self.alerts._raise("ledger_unsound")
        self.assertEqual(self._tile(self.officer, "alerts")["state"], "bad")

    def test_what_waits_stands_first_with_the_time_that_is_left(self):
        self.alerts._raise("backup_late", severity="warning")
        self.alerts._raise("ledger_unsound", detail="at entry 7")
        first, second = self._load(self.officer)["alerts"][:2]
        self.assertEqual(
            (first["severity"], second["severity"]), ("critical", "warning")
        )
        self.assertIn(first["minutes_left"], (29, 30))
        self.assertEqual(first["detail"], "at entry 7")

    def test_a_role_sees_only_the_parts_it_may_read(self):
        def shown(user):
            return {tile["code"] for tile in self._load(user)["tiles"]}

        self.assertLessEqual(
            {"alerts", "consent", "ledger", "audits", "backups"}, shown(self.officer)
        )
        self.assertLessEqual({"alerts", "audits"}, shown(self.analyst))
        self.assertFalse({"alerts", "audits", "ledger"} & shown(self.viewer))
        self.assertFalse(self._load(self.viewer)["alerts"])

    def test_strangers_get_nothing(self):
        stranger = new_test_user(self.env, login="w_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._load(stranger)
        for code in ("alerts", "no such list"):
            with self.assertRaises(AccessError):
                self.board.with_user(self.viewer).open(code)

    def test_more_alerts_cost_no_more_queries(self):
        def cost():
            self.env["veloc.ledger.entry"]._write_buffer()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._load(self.officer)
            return self.env.cr.sql_log_count - before

        self.alerts._raise_many("x", [self._found("0")])
        cost()
        few = cost()
        self.alerts._raise_many("x", [self._found(str(n)) for n in range(30)])
        self._grant(self.ana)
        cost()  # what the raising emptied is remembered again
        self.assertLessEqual(cost(), few + 2)  # a cache's miss
