from . import mail_message
from . import veloc_conversation
from . import veloc_outbox
from . import veloc_dispatcher
from . import veloc_conversation_care
