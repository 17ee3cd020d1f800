from . import veloc_call_back
from . import veloc_template_return
from . import veloc_conversation_link
from . import veloc_conversation_template
from . import base_partner_merge_automatic_wizard
