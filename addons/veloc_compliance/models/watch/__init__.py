from . import res_users
from . import veloc_escalation
from . import veloc_escalation_step
from . import veloc_alert_rule
from . import veloc_watch_mark
from . import veloc_alert
from . import veloc_alert_telling
from . import veloc_watch
