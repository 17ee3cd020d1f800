"""What a fresh database needs before the first event comes."""


def post_init_hook(env):
    """Make a company nobody has set up yet a Brazilian one, with money in reais.

    Amounts are kept in the company's currency; an untouched company counts in US
    dollars, and every deposit in BRL would be refused for want of a rate.
    """
    real = env.ref("base.BRL")
    company = env.ref("base.main_company")
    if company.country_id:
        return
    real.active = True
    company.write({"country_id": env.ref("base.br").id, "currency_id": real.id})
