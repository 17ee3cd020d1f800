from . import base_partner_merge_automatic_wizard
from . import veloc_consent_wizard
from . import veloc_suppression_impose
from . import veloc_suppression_lift
from . import veloc_api_key_create
from . import veloc_purpose_publish
from . import veloc_receipt_export
from . import veloc_consent_match
