from . import veloc_ingest_reject
from . import veloc_ingest_reject_replay
from . import veloc_ingest_dead_rows
from . import veloc_spool
from . import veloc_spool_reading
from . import veloc_ingest_pressure
from . import veloc_eraser_dead_rows
from . import veloc_demo_dead_rows
