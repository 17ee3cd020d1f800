from . import veloc_segment
from . import veloc_segment_member
from . import veloc_segment_event
