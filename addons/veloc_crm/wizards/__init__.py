from . import veloc_cadence_publish
from . import veloc_cadence_publish_line
