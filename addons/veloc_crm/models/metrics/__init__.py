from . import veloc_ingest_tally
from . import veloc_metrics
