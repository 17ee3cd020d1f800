"""Everything ``make`` does, in plain Python 3.11 without a single dependency."""
