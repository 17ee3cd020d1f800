from . import veloc_trader_alias
from . import veloc_duplicate
from . import veloc_merge
from . import veloc_trader_link
from . import veloc_data_issue
from . import veloc_data_quality
