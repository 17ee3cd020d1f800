from . import audience
from . import capture
from . import events
from . import health
from . import metrics
