"""Decisions in plain Python: no ORM, no network, no clock."""
