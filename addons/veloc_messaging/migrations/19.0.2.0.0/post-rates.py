"""The rate of an account was shown and not kept; from now on it is kept."""


def migrate(cr, version):
    """Let every account go on as fast as it did: no limit until somebody sets one."""
    cr.execute("UPDATE veloc_account SET rate = 0")
