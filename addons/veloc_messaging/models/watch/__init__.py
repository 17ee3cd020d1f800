from . import veloc_message_watched
from . import veloc_messaging_alert_mirror
from . import veloc_watch_messages
from . import veloc_privilege_messaging
