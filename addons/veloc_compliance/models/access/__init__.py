from . import veloc_rate_limit
