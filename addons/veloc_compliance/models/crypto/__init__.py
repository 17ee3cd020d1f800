from . import veloc_keyring
from . import veloc_data_key
from . import veloc_subject_key
from . import res_partner_identity
from . import veloc_bank_account
from . import veloc_identity_proof
from . import veloc_key_walk
from . import veloc_key_change
