from . import veloc_keyring
from . import veloc_data_key
from . import veloc_subject_key
