from . import veloc_audience_export
from . import veloc_audience_people
from . import veloc_audience_run
from . import veloc_audience_run_fetch
from . import veloc_audience_member
from . import veloc_audience_removal
from . import veloc_watch_audience
from . import veloc_demo_audience
