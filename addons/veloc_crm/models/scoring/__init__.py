from . import veloc_trader_state_scores
from . import veloc_trader_scores
from . import veloc_score_frame
from . import veloc_score_batch_mixin
from . import veloc_rfm_segment
from . import veloc_rfm_run
from . import veloc_rfm_board
from . import veloc_nightly_scores
