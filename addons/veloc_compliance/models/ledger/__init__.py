from . import veloc_ledger_schema
from . import veloc_ledger_writer
from . import veloc_ledger_entry
