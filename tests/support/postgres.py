"""Databases of the tests: copies of a template, and plain SQL to look into them."""

import psycopg2
from psycopg2 import errors, sql

from .waiting import wait_until


class Database:
    """One database that belongs to a test run."""

    def __init__(self, settings, name):
        self.settings = settings
        self.name = name

    def connect(self, name=None):
        """Return a new connection, to another database if named."""
        return psycopg2.connect(
            host=self.settings.pg_host,
            port=self.settings.pg_port,
            user=self.settings.pg_user,
            password=self.settings.pg_password or None,
            dbname=name or self.name,
        )

    def create(self, template):
        """Make the database anew as a copy of another, which nobody may be using."""
        self.drop()
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(self.name), sql.Identifier(template)
            )
        )

    def wait_until_unused(self):
        """Wait until the last session of a killed server is gone."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        other = Database(self.settings, "postgres")
        wait_until(lambda: other.value(query, self.name) == 0, 20, what="no session")

    def drop(self):
        """Remove the database if it is there, whoever is connected.

        An autovacuum at work in it is not ours to end by force; the plain statement
        asks it to give way.
        """
        wait_until(self._is_dropped, 60, 0.2, f"the end of {self.name}")

    def _is_dropped(self):
        for how in (" WITH (FORCE)", ""):
            statement = sql.SQL("DROP DATABASE IF EXISTS {}" + how)
            try:
                self._administer(statement.format(sql.Identifier(self.name)))
            except (errors.InsufficientPrivilege, errors.ObjectInUse):
                continue
            return True
        return False

    def _administer(self, statement):
        connection = self.connect("postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def rows(self, query, *values):
        """Return all rows of a query, committed at once."""
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def value(self, query, *values):
        """Return the first value of the first row, None for no row."""
        rows = self.rows(query, *values)
        return rows[0][0] if rows else None

    def counts(self, query, *values):
        """Return a two-column query as a dict."""
        return dict(self.rows(query, *values))
