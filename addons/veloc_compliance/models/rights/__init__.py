from . import veloc_personal_data
