from . import veloc_template_return
