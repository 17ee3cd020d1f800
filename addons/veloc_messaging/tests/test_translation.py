import polib

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_path
from odoo.tools.translate import TranslationModuleReader

from .template_case import SMS, TemplateCase


@tagged("post_install", "-at_install")
class TestTranslation(TemplateCase):
    def test_every_sentence_of_the_addon_is_there_in_portuguese(self):
        po = polib.pofile(file_path("veloc_messaging/i18n/pt_BR.po"))
        translated = {entry.msgid for entry in po.translated_entries()}

        spoken = {
            row[4] for row in TranslationModuleReader(self.cr, ["veloc_messaging"])
        }

        self.assertIn("Send again", spoken)
        self.assertFalse(spoken - translated)

    def test_a_brazilian_reads_a_refusal_in_portuguese(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.env["ir.module.module"]._load_module_terms(["veloc_messaging"], ["pt_BR"])
        version = self._template({**SMS, "body": "{{ nada }}"}, approve=False)

        with self.assertRaisesRegex(UserError, "a variável “nada” não existe"):
            version.version_ids.with_context(lang="pt_BR").action_approve()
