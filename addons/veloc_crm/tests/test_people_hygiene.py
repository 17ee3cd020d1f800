from odoo.tests import new_test_user, tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestPeopleHygiene(CrmCase):
    """Doubles, links and findings come up by themselves and close themselves."""
