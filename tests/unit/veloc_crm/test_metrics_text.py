"""The page that Prometheus reads."""

from odoo.addons.veloc_crm.rules.metrics_text import family, render


def test_a_family_has_its_help_its_type_and_its_samples():
    page = render(
        [
            family(
                "veloc_x_total",
                "counter",
                "Things",
                [({"road": "api", "outcome": "ok"}, 3), ({"road": "spool"}, 0)],
            ),
            family("veloc_y", "gauge", "One", 1.5),
        ]
    )
    assert page == (
        "# HELP veloc_x_total Things\n"
        "# TYPE veloc_x_total counter\n"
        'veloc_x_total{road="api",outcome="ok"} 3\n'
        'veloc_x_total{road="spool"} 0\n'
        "# HELP veloc_y One\n"
        "# TYPE veloc_y gauge\n"
        "veloc_y 1.5\n"
    )


def test_what_is_not_known_yet_has_no_line():
    page = render([family("veloc_age", "gauge", "Age", None)])
    assert page == "# HELP veloc_age Age\n# TYPE veloc_age gauge\n"


def test_quotes_and_line_ends_in_a_label_break_nothing():
    page = render([family("x", "gauge", "a\nb", [({"code": 'a"b\\c\nd'}, 1)])])
    assert "# HELP x a\\nb" in page
    assert 'x{code="a\\"b\\\\c\\nd"} 1' in page
