from . import res_partner_retention
from . import crm_lead_retention
from . import veloc_eraser_crm
from . import veloc_ingest_people_erased
from . import veloc_personal_data_leads
