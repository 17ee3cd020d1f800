{
    "name": "Veloc CRM",
    "summary": "Traders, events, tiers and cadences of a retail trading broker",
    "version": "19.0.1.0.0",
    "category": "Marketing",
    "author": "Veloc",
    "license": "LGPL-3",
    "application": True,
    "depends": ["veloc_messaging", "crm", "contacts"],
    "external_dependencies": {"python": ["pandas", "openpyxl"]},
    "data": [
        "security/ir.model.access.csv",
    ],
    "demo": [],
}
