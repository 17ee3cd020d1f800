"""Real processes for the end-to-end tests and the bench: Odoo, sandbox, database."""
