from . import test_veloc_template
from . import test_veloc_template_check
from . import test_veloc_template_render
from . import test_veloc_dispatcher
