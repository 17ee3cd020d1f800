from . import veloc_suppression_story
from . import veloc_trader_story
