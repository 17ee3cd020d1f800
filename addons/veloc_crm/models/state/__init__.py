from . import veloc_trader_state
from . import veloc_trader_state_recompute
from . import veloc_trader_state_windows
from . import veloc_trader_state_proof
from . import veloc_trader_figures
from . import veloc_state_repair
from . import veloc_nightly_run
from . import veloc_nightly
