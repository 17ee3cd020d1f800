from . import res_config_settings
from . import veloc_message
from . import veloc_outbox
from . import veloc_purpose
from . import veloc_template
