from . import test_events_api
from . import test_veloc_trader
from . import test_veloc_trader_event
from . import test_veloc_cadence
from . import test_veloc_cadence_engine
from . import test_veloc_decision
from . import test_shipped_cadences
from . import test_veloc_demo
