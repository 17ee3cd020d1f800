{
    "name": "Veloc Compliance",
    "summary": "May we contact this person, and can we prove it: LGPD by construction",
    "version": "19.0.3.0.0",
    "category": "Marketing",
    "author": "Veloc",
    "license": "LGPL-3",
    "depends": [
        "mail",
        "phone_validation",
        "portal",
        "auth_totp",
        "auth_passkey",
        "auth_timeout",
    ],
    "external_dependencies": {
        "python": ["cryptography", "holidays", "python-stdnum", "reportlab"]
    },
    "data": [
        "security/veloc_compliance_groups.xml",
        "security/ir.model.access.csv",
        "data/veloc_purpose_data.xml",
        "data/veloc_contact_hours_data.xml",
        "views/veloc_preference_templates.xml",
        "views/veloc_wizard_views.xml",
        "views/veloc_consent_views.xml",
        "views/veloc_consent_state_views.xml",
        "views/veloc_suppression_views.xml",
        "views/veloc_purpose_views.xml",
        "views/veloc_purpose_version_views.xml",
        "views/veloc_contact_hours_views.xml",
        "views/veloc_gate_verdict_views.xml",
        "views/res_partner_views.xml",
        "views/veloc_menus.xml",
        # crypto
        "views/veloc_bank_account_views.xml",
        "views/veloc_identity_proof_views.xml",
        "views/veloc_data_key_views.xml",
        "views/veloc_key_change_views.xml",
        "data/ir_cron_key_data.xml",
        "views/res_partner_identity_views.xml",
        "views/veloc_crypto_menus.xml",
        # ledger
        # consent
        "data/veloc_consent_cron_data.xml",
        "views/veloc_consent_templates.xml",
        "views/veloc_balancing_views.xml",
        "views/veloc_reconsent_views.xml",
        "views/veloc_consent_match_views.xml",
        "views/veloc_consent_pending_views.xml",
        "views/veloc_consent_import_views.xml",
        "views/veloc_guardian_consent_views.xml",
        "views/veloc_receipt_export_views.xml",
        "views/veloc_notice_issued_views.xml",
        "views/veloc_consent_menus.xml",
        # care
        "data/veloc_care_data.xml",
        "views/veloc_care_wizard_views.xml",
        "views/veloc_suppression_loosening_views.xml",
        "views/veloc_care_limit_views.xml",
        "views/veloc_blocklist_views.xml",
        "views/res_partner_care_views.xml",
        "views/veloc_preference_care_templates.xml",
        "views/veloc_care_menus.xml",
        # rights
        # retention
        # incident
        # watch
        "data/veloc_escalation_data.xml",
        # register
        # access
        "data/veloc_access_data.xml",
        "views/veloc_second_factor_templates.xml",
        "views/veloc_access_limit_views.xml",
        "views/veloc_signin_failure_views.xml",
        "views/veloc_export_log_views.xml",
        "views/veloc_export_grant_views.xml",
        "views/veloc_role_line_views.xml",
        "views/res_groups_views.xml",
        "views/veloc_api_key_create_views.xml",
        "views/res_users_views.xml",
        "views/veloc_access_menus.xml",
    ],
    "demo": [
        "demo/veloc_compliance_demo.xml",
        "demo/veloc_access_demo.xml",
    ],
    "application": True,
}
