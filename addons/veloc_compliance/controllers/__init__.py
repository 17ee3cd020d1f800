from . import identity_proof
from . import preference
