from . import models, telegram
