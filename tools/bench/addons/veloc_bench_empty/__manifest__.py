{
    "name": "Veloc Bench: Empty Route",
    "summary": "What an Odoo route costs that does nothing: the floor of the webhook",
    "version": "19.0.1.0.0",
    "author": "Veloc",
    "license": "LGPL-3",
    "depends": ["base"],
}
