from . import veloc_archive
from . import veloc_archive_writing
from . import veloc_archive_erased
from . import veloc_archive_owner
from . import veloc_merge_archive
from . import veloc_nightly_archive
from . import veloc_trader_archive
