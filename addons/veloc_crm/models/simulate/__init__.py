from . import veloc_cadence_simulation
from . import veloc_cadence_simulation_people
from . import veloc_cadence_simulate
from . import veloc_cadence_version_simulate
