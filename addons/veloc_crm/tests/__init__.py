from . import test_events_api
from . import test_veloc_trader
from . import test_veloc_trader_event
