from . import veloc_ingest_stage
from . import veloc_ingest_sums
from . import veloc_ingest_figures
from . import veloc_ingest_wake
from . import veloc_ingest_amend
from . import veloc_trader_hot
