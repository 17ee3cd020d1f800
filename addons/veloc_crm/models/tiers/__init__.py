from . import veloc_vip_level
from . import veloc_vip_benefit
from . import veloc_trader_tiers
from . import veloc_tier_event
from . import veloc_vip_grant
from . import veloc_ingest_tiers_what_if
from . import veloc_nightly_tiers
from . import veloc_stage_board
