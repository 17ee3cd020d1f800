{
    "name": "Veloc Compliance",
    "summary": "May we contact this person, for what, how and when",
    "version": "19.0.1.0.0",
    "category": "Marketing",
    "author": "Veloc",
    "license": "LGPL-3",
    "depends": ["mail", "phone_validation"],
    "external_dependencies": {"python": ["holidays"]},
    "data": [
        "security/veloc_compliance_groups.xml",
        "security/ir.model.access.csv",
        "data/veloc_purpose_data.xml",
        "data/veloc_contact_hours_data.xml",
        "views/veloc_menus.xml",
    ],
    "demo": [],
    "application": True,
}
