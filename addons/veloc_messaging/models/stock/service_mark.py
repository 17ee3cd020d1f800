"""The mark of a service message, which no caller from outside can put into a context.

A context that comes over RPC is JSON: it holds no object of ours.
"""

SERVICE = object()
KEY = "veloc_service"


def is_marked(env):
    """Return whether the code that runs was told that this is a service message."""
    return env.context.get(KEY) is SERVICE


def marked(records):
    """Return the records with the mark in their context."""
    return records.with_context(**{KEY: SERVICE})
