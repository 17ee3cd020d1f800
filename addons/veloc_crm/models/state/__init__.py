from . import veloc_trader_state
from . import veloc_trader_figures
from . import veloc_nightly_run
from . import veloc_nightly
