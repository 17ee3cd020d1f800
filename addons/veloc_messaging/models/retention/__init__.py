from . import res_partner_retention
from . import veloc_eraser_messaging
