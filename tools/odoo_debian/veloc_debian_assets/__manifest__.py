{
    "name": "Veloc: Debian's Odoo",
    "summary": "Takes a script out of the bundle that Debian's build does not ship",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Veloc",
    "license": "LGPL-3",
    "depends": ["mail"],
    "assets": {
        "web.assets_backend": [
            (
                "remove",
                "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            ),
        ],
    },
}
