from . import veloc_append_only
from . import veloc_purpose
from . import veloc_purpose_version
from . import veloc_consent
from . import veloc_consent_state
from . import veloc_suppression
from . import veloc_contact_hours
from . import veloc_gate_verdict
from . import veloc_contact_gate
from . import res_partner
from . import veloc_preference_center
from . import crypto
from . import ledger

# What the other rooms extend comes before them: the watch and the map of personal data.
from . import watch
from . import rights
from . import consent
from . import care
from . import retention
from . import incident
from . import register
from . import access
from .crypto import veloc_watch_notes  # extends the watch
from .watch import veloc_personal_data_watch  # extends the map of personal data
from .ledger import veloc_personal_data_ledger  # the same
