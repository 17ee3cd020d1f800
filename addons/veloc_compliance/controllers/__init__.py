from . import identity_proof
from . import preference
from . import rpc
from . import second_factor
from . import consent_desk
from . import privacy
from . import privacy_portal
from . import register
