from . import res_config_settings
from . import veloc_style_word
from . import veloc_template
from . import veloc_template_version
from . import veloc_template_body
from . import veloc_template_check
from . import veloc_template_render
