{
    "name": "Veloc CRM",
    "summary": "Traders, events, tiers and cadences of a retail trading broker",
    "version": "19.0.1.0.0",
    "category": "Marketing",
    "author": "Veloc",
    "license": "LGPL-3",
    "application": True,
    "depends": ["veloc_messaging", "crm", "contacts"],
    "external_dependencies": {
        "python": ["pandas", "openpyxl", "phonenumbers", "python-stdnum"]
    },
    "data": [
        "security/veloc_crm_groups.xml",
        "security/ir.model.access.csv",
        "security/veloc_crm_rules.xml",
        "data/veloc_cron_data.xml",
        "data/veloc_tier_data.xml",
    ],
    "post_init_hook": "post_init_hook",
    "demo": [],
}
