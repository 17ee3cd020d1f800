from . import veloc_notice_issued
from . import veloc_notice
