from . import preference
