from . import res_partner
from . import veloc_account
from . import veloc_dispatcher
from . import veloc_fold
from . import veloc_message
