from odoo import models


class VelocTemplateFrozen(models.AbstractModel):
    """What the parts of an approved template share."""

    _name = "veloc.template.frozen"
    _description = "Part of a template that approval freezes"

    def _would_change(self, vals):
        """Tell whether ``vals`` differ from what is stored.

        Data files write the same values again when an addon is installed anew; that
        is no change of an approved text.
        """
        self.ensure_one()
        return any(
            self._fields[name].type in ("one2many", "many2many")
            or self._fields[name].convert_to_write(self[name], self) != value
            for name, value in vals.items()
            if name in self._fields
        )
