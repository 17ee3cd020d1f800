"""People, templates and messages in bulk, all through public methods."""

from itertools import count

from .events import new_phone

_crowds = count(1)


def make_people(house, number):
    """Return ids of new contacts with phone and e-mail, without a trader."""
    crowd = next(_crowds)
    return house.admin.create(
        "res.partner",
        [
            {
                "name": "Marta Lima",
                "phone": new_phone(),
                "email": f"pessoa-{crowd}-{n}@example.com",
                "country_id": house.country_id,
                "lang": "pt_BR",
            }
            for n in range(number)
        ],
    )


def make_template(house, code, purpose, **texts):
    """Make and approve a template; ``texts`` are bodies by channel."""
    rpc = house.manager
    lane = texts.pop("lane", "bulk")
    (purpose_id,) = rpc.search("veloc.purpose", [("code", "=", purpose)])
    bodies = [
        {
            "channel": channel,
            "lang": "pt_BR",
            "body": text,
            "subject": "Veloc: {{ reference }}" if channel == "email" else False,
        }
        for channel, text in texts.items()
    ]
    template_id = rpc.create(
        "veloc.template",
        {
            "name": code,
            "code": code,
            "purpose_id": purpose_id,
            "lane": lane,
            "version_ids": [(0, 0, {"body_ids": [(0, 0, body) for body in bodies]})],
        },
    )
    version = rpc.search("veloc.template.version", [("template_id", "=", template_id)])
    rpc.call("veloc.template.version", "action_request_approval", version)
    house.admin.call("veloc.template.version", "action_approve", version)
    return template_id


def consent(house, partner_ids, purpose, channel, granted=True):
    """Record the same answer of many people."""
    items = [
        {
            "partner_id": partner_id,
            "purpose": purpose,
            "channel": channel,
            "granted": granted,
            "source": "e2e",
        }
        for partner_id in partner_ids
    ]
    answers = house.manager.call("veloc.consent", "record", items)
    assert all("id" in answer for answer in answers), answers[:3]


def enqueue(house, partner_ids, template, channel, tag, **more):
    """Queue one message for each person; return the answers in that order."""
    items = [
        {
            "partner_id": partner_id,
            "template": template,
            "channel": channel,
            "key": f"{tag}-{partner_id}",
            "variables": {"reference": f"{tag}-{partner_id}"},
            **more,
        }
        for partner_id in partner_ids
    ]
    answers = house.manager.call("veloc.message", "enqueue", items)
    return [answer for _index, answer in sorted((a["index"], a) for a in answers)]


def enqueue_all(house, partner_ids, template, channel, tag, **more):
    """Queue one message for each person, all must be taken; return message ids."""
    answers = enqueue(house, partner_ids, template, channel, tag, **more)
    odd = [answer for answer in answers if answer["outcome"] != "queued"]
    assert not odd, odd[:3]
    return [answer["message_id"] for answer in answers]
