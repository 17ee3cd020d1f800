{
    "name": "Veloc Messaging",
    "summary": "Templates, outbox, providers and webhooks",
    "version": "19.0.1.0.0",
    "category": "Marketing",
    "author": "Veloc",
    "license": "LGPL-3",
    "depends": ["veloc_compliance", "utm"],
    "external_dependencies": {"python": ["jinja2", "twilio"]},
    "data": [
        "security/ir.model.access.csv",
    ],
    "demo": [],
}
