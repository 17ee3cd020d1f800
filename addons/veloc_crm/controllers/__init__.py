from . import events
from . import health
