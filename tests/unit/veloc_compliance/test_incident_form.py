from odoo.addons.veloc_compliance.rules import incident_form, incident_risk

WHO = {"name": "Veloc Broker", "email": "dpo@example.com", "phone": ""}
TEXTS = (
    "number name nature data_affected description root_cause measures_before "
    "measures_after risks reversal delay_reason processor secrets public_url "
    "occurred_at known_at affected_known_at subjects_told_at"
)
COUNTS = (
    "person_count child_count adolescent_count elderly_count unknown_count "
    "financial_count authentication_count sensitive_count secrecy_count sent_count "
    "failed_count total_subjects"
)


def form(**facts):
    base = dict.fromkeys(TEXTS.split(), "") | dict.fromkeys(COUNTS.split(), 0)
    base |= {"impacts": (), "criteria": (), "additions": [], "is_late": False}
    base |= {"is_small_agent": False, "controller": WHO, "dpo": WHO}
    return incident_form.build(base | facts)


def value(built, item):
    return next(row["valor"] for row in built["campos"] if row["inciso"] == item)


def test_every_item_of_the_article_has_its_field():
    items = [row["inciso"] for row in form()["campos"]]
    assert items == [
        *["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"],
        "Art. 9º",
    ]


def test_what_nobody_wrote_is_said_to_be_missing():
    assert value(form(), "X") == incident_form.NOT_SAID


def test_the_reasons_of_a_delay_stand_only_where_there_is_one():
    late = form(is_late=True, delay_reason="Fornecedor demorou")
    assert value(late, "V") == "Fornecedor demorou"
    assert value(form(delay_reason="x"), "V") == "Comunicação no prazo"


def test_a_small_agent_declares_it():
    assert "pequeno porte" in value(form(is_small_agent=True), "IX")
    assert "pequeno porte" not in value(form(), "IX")


def test_people_are_counted_apart():
    people = value(form(person_count=7, elderly_count=2), "II")
    assert people.startswith("Total: 7")
    assert "idosos: 2" in people


def test_every_criterion_and_impact_has_its_words():
    assert set(incident_form.CRITERIA) == set(incident_risk.CRITERIA)
    assert set(incident_form.IMPACTS) == set(incident_risk.IMPACTS)
