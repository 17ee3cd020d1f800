from . import veloc_cadence_publish
from . import veloc_cadence_publish_line
from . import veloc_import_wizard
from . import veloc_import_wizard_line
from . import veloc_import_wizard_row
from . import veloc_archive_plan
from . import veloc_ingest_discard
