"""Fills a database with a made-up population: ``python -m tools.bench --million``.

Runs inside an Odoo shell, by COPY into the real tables; days and figures are made by
the product's own statement. Each step is committed with its mark: run again, it goes
on where it stopped.
"""

import io
import resource
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.csv

from . import population
from .population import CODE, DAY, TYPES

SOURCE = "million"
CHUNK = 200_000
ROWS = 500_000
FIGURES = 20_000
FIRST_NAMES = (
    "Ana Bruno Carla Daniel Elisa Fábio Gabriela Heitor Inês João Karina Lucas Márcia"
    " Nélson Olívia Paulo Queila Rafael Sônia Tiago Úrsula Vítor Wanda Yuri Zélia"
)
LAST_NAMES = (
    "Silva Santos Oliveira Souza Lima Pereira Ferreira Costa Rodrigues Almeida"
    " Nascimento Carvalho Araújo Ribeiro Gonçalves Barbosa Cardoso Teixeira Moraes"
    " Correia Farias Peixoto Queiroz Tavares Uchôa Valença Xavier Zanetti"
)
PLACES = (  # state, area code, zone, share
    ("SP", 11, "America/Sao_Paulo", 0.34),
    ("RJ", 21, "America/Sao_Paulo", 0.16),
    ("MG", 31, "America/Sao_Paulo", 0.15),
    ("BA", 71, "America/Bahia", 0.10),
    ("CE", 85, "America/Fortaleza", 0.09),
    ("AM", 92, "America/Manaus", 0.06),
    ("MT", 65, "America/Cuiaba", 0.06),
    ("AC", 68, "America/Rio_Branco", 0.04),
)
INSTRUMENTS = np.array(["EURUSD", "BTCUSD", "WINFUT", "WDOFUT", "XAUUSD"])


class Filling:
    """One database being filled."""

    def __init__(self, env, traders, events, seed):
        self.env, self.cr = env, env.cr
        self.cr.execute(
            "CREATE TABLE IF NOT EXISTS bench_million"
            " (step varchar PRIMARY KEY, value bigint)"
        )
        now = int(datetime.now(UTC).timestamp()) // DAY * DAY
        self.now = self._fixed("now", now)
        self.first = self._fixed("first", self._next_id())
        self.traders = self._fixed("traders", traders)
        self.events = self._fixed("events", events)
        self.cr.commit()
        begun = time.monotonic()
        self.all = population.make(self.traders, self.events, self.now, seed)
        self._say("population", begun)

    def _fixed(self, name, value):
        """Return the value of the first run: a second one must go on with it."""
        self.cr.execute(
            "INSERT INTO bench_million VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (name, value),
        )
        self.cr.execute("SELECT value FROM bench_million WHERE step = %s", (name,))
        return self.cr.fetchone()[0]

    def _next_id(self):
        self.cr.execute(
            "SELECT greatest((SELECT max(id) FROM res_partner),"
            " (SELECT max(id) FROM veloc_trader)) + 1"
        )
        return self.cr.fetchone()[0]

    def _say(self, step, begun):
        print(f"{step:<24}{time.monotonic() - begun:>8.1f} s", flush=True)

    def step(self, name, work, *args):
        """Do a step once, and remember that it is done."""
        self.cr.execute("SELECT FROM bench_million WHERE step = %s", (name,))
        if self.cr.rowcount:
            return
        begun = time.monotonic()
        work(*args)
        self.cr.execute("INSERT INTO bench_million VALUES (%s, 0)", (name,))
        self.cr.commit()
        self._say(name, begun)

    def copy(self, table, **columns):
        """COPY columns (arrays, or one value for all) into a table."""
        size = max(len(c) for c in columns.values() if isinstance(c, np.ndarray))
        arrays = [_column(column, size) for column in columns.values()]
        file = io.BytesIO()
        pa.csv.write_csv(
            pa.table(arrays, names=list(columns)),
            file,
            pa.csv.WriteOptions(include_header=False),
        )
        file.seek(0)
        names = ", ".join(columns)
        self.cr.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)", file)

    # === STEPS === #

    def run(self):
        """Fill everything."""
        for start in range(0, self.traders, CHUNK):
            part = np.arange(start, min(start + CHUNK, self.traders))
            self.step(f"people {start}", self.fill_people, part)
            self.step(f"traders {start}", self.fill_traders, part)
        self.step("partitions", self.make_partitions)
        self.fill_events()
        self.step("sequences", self.set_sequences)
        self.step("milestones", self.fill_milestones)
        self.step("analyze", self.cr.execute, "ANALYZE")
        begun = time.monotonic()
        figures = self.env["veloc.trader.state"]
        for start in range(0, self.traders, FIGURES):
            stop = min(start + FIGURES, self.traders)
            ids = range(self.first + start, self.first + stop)
            self.cr.execute("SET LOCAL work_mem = '256MB'")
            self.step(f"figures {start}", figures._recompute, ids, self.moment())
        self._say("days and figures", begun)
        self.step("analyze again", self.cr.execute, "ANALYZE")

    def moment(self):
        """Return the time up to which the population was made, as Odoo writes it."""
        return datetime.fromtimestamp(self.now, UTC).replace(tzinfo=None)

    def fill_people(self, part):
        """Contacts with Brazilian names, addresses of nobody, and phones."""
        rng = np.random.default_rng(part[0])
        first = rng.choice(FIRST_NAMES.split(), len(part))
        last = rng.choice(LAST_NAMES.split(), (2, len(part)))
        name = _join(first, " ", last[0], " ", last[1])
        place = rng.choice(len(PLACES), len(part), p=[p[3] for p in PLACES])
        area = np.array([p[1] for p in PLACES])[place]
        phone = _join("+55", area, 900_000_000 + rng.integers(0, 99_999_999, len(part)))
        email = _join("pessoa", part, "@example.com")
        brazil = self.env.ref("base.br")
        states = {s.code: s.id for s in brazil.state_ids}
        ids = part + self.first
        self.copy(
            "res_partner",
            id=ids,
            commercial_partner_id=ids,
            name=name,
            complete_name=name,
            email=email,
            email_normalized=email,
            phone=phone,
            phone_sanitized=phone,
            lang="pt_BR",
            tz=np.array([p[2] for p in PLACES])[place],
            state_id=np.array([states[p[0]] for p in PLACES])[place],
            country_id=brazil.id,
            type="contact",
            active=True,
            partner_share=True,
            is_company=False,
            create_date=self.moment(),
            write_date=self.moment(),
        )

    def fill_traders(self, part):
        """Traders where their events left them; sums come with the figures."""
        firsts, lasts = self.standings()
        at = {name: firsts[name][part] for name in firsts}
        active = np.fmax(lasts["deposit_approved"], lasts["trade"])[part]
        days = (self.now - active) / DAY
        stage = np.select(
            [days < 30, days < 90, days >= 90, at["signup"] > 0],
            ["active", "at_risk", "churned", "signup"],
            "lead",
        )
        since = np.select(
            [days < 30, days < 90, days >= 90],
            [at["deposit_approved"], active + 30 * DAY, active + 90 * DAY],
            np.fmin(at["signup"], at["lead"]),
        )
        due = np.select(
            [days < 30, days < 90], [active + 30 * DAY, active + 90 * DAY], np.nan
        )
        company = self.env.company
        self.copy(
            "veloc_trader",
            id=part + self.first,
            partner_id=part + self.first,
            external_ref=_join("M-", part),
            zone="America/Sao_Paulo",
            stage=stage,
            stage_since=_times(since),
            next_stage_at=_times(due),
            kyc_state=np.where(at["kyc_approved"] > 0, "approved", "none"),
            kyc_at=_times(at["kyc_approved"]),
            kyc_approved_at=_times(at["kyc_approved"]),
            lead_at=_times(np.fmin(at["lead"], at["signup"])),
            signup_at=_times(at["signup"]),
            first_deposit_at=_times(at["deposit_approved"]),
            last_activity_at=_times(active),
            company_id=company.id,
            currency_id=company.currency_id.id,
            create_date=self.moment(),
            write_date=self.moment(),
        )

    def standings(self):
        """Return first and last times per trader and type, NaN where there is none."""
        if not hasattr(self, "_standings"):
            e, firsts, lasts = self.all, {}, {}
            for name in ("lead", "signup", "kyc_approved", "deposit_approved", "trade"):
                mine = e.code == CODE[name]
                trader, at = e.trader[mine], e.at[mine].astype(float)
                firsts[name] = np.full(self.traders, np.nan)
                lasts[name] = np.full(self.traders, np.nan)
                # Sorted by trader and time: the last write wins.
                lasts[name][trader] = at
                firsts[name][trader[::-1]] = at[::-1]
            self._standings = firsts, lasts
        return self._standings

    def make_partitions(self):
        """A partition for each month of the two years, of events and of days."""
        partitions = self.env["veloc.partition"]
        start = self.moment() - timedelta(days=population.DAYS + 1)
        months = [
            (start.replace(day=1) + timedelta(days=31 * n)).date().replace(day=1)
            for n in range(population.DAYS // 31 + 2)
        ]
        for table, column in (
            ("veloc_trader_event_raw", "at"),
            ("veloc_trader_day_raw", "day"),
        ):
            for month in sorted(set(months) - partitions._find_months(table)):
                partitions._make_month(table, column, month)

    def fill_events(self):
        """Rows and keys of the events, in the order of their time."""
        order = np.argsort(self.all.at, kind="stable")
        self.cr.execute("SELECT last_value FROM veloc_trader_event_id_seq")
        base = self._fixed("event", self.cr.fetchone()[0] + 1)
        self.step("no key", self.cr.execute, KEY_OFF)
        for start in range(0, len(order), ROWS):
            places = order[start : start + ROWS]
            ids = base + start + np.arange(len(places))
            self.step(f"events {start}", self.fill_rows, places, ids)
        self.step("key", self.cr.execute, KEY_ON)

    def fill_rows(self, places, ids):
        """Rows of what happened, and their keys."""
        e = self.all.order(places)
        types = np.array(TYPES)[e.code]
        external = _join("m-", ids)
        trade = e.code == CODE["trade"]
        instrument = INSTRUMENTS[ids % len(INSTRUMENTS)]
        data = _join('{"instrument": "', instrument, '"}').astype(object)
        data[~trade] = None
        money = ~np.isnan(e.amount)
        self.copy(
            "veloc_trader_event_raw",
            id=ids,
            at=_times(e.at),
            received_at=_times(e.at + 2),
            trader_id=e.trader + self.first,
            company_id=self.env.company.id,
            type=types,
            is_known=True,
            source=SOURCE,
            external_id=external,
            amount=e.amount,
            amount_company=e.amount,
            currency=np.where(money, "BRL", None),
            data=data,
            **self.trade_columns(e),
        )
        self.copy(
            "veloc_trader_event_key", source=SOURCE, external_id=external, event_id=ids
        )

    def trade_columns(self, events):
        """Return what trades keep in company money, if the table has it already."""
        self.cr.execute(
            "SELECT FROM information_schema.columns WHERE column_name = 'volume'"
            " AND table_name = 'veloc_trader_event_raw'"
        )
        if not self.cr.rowcount:
            return {}
        return {"volume": events.volume, "result": events.result}

    def set_sequences(self):
        """Let what comes later be numbered after this."""
        for table in ("res_partner", "veloc_trader"):
            self.cr.execute(f"SELECT setval('{table}_id_seq', max(id)) FROM {table}")
        self.cr.execute(
            "SELECT setval('veloc_trader_event_id_seq', max(id))"
            " FROM veloc_trader_event_raw"
        )

    def fill_milestones(self):
        """The funnel's memory of who reached what."""
        self.cr.execute(MILESTONES)


KEY_OFF = (
    "ALTER TABLE veloc_trader_event_key DROP CONSTRAINT veloc_trader_event_key_pkey"
)
KEY_ON = "ALTER TABLE veloc_trader_event_key ADD PRIMARY KEY (source, external_id)"
MILESTONES = """
INSERT INTO veloc_lifecycle_event (trader_id, stage, at, reason, company_id)
SELECT t.id, m.stage, m.at, m.reason, t.company_id
FROM veloc_trader t CROSS JOIN LATERAL (VALUES
    ('lead', t.lead_at, 'lead'), ('signup', t.signup_at, 'signup'),
    ('kyc', t.kyc_approved_at, 'kyc_approved'),
    ('first_deposit', t.first_deposit_at, 'deposit_approved')) m (stage, at, reason)
WHERE m.at IS NOT NULL
ON CONFLICT DO NOTHING
"""


def _times(seconds):
    """Return seconds since 1970 as times, nothing where there is no number."""
    gone = np.isnan(seconds) if seconds.dtype.kind == "f" else None
    whole = np.where(gone, 0, seconds) if gone is not None else seconds
    return pa.array(whole.astype("datetime64[s]"), mask=gone)


def _join(*parts):
    """Return the parts side by side, as text."""
    text = ""
    for part in parts:
        part = part.astype(str) if isinstance(part, np.ndarray) else part
        text = np.char.add(text, part)
    return text


def _column(column, size):
    if isinstance(column, pa.Array):
        return column
    if isinstance(column, np.ndarray):
        return pa.array(column, from_pandas=True)
    return pa.array([column]).take(pa.array(np.zeros(size, dtype=np.int8)))


def fill(env, traders=1_000_000, events=10_000_000, seed=1):
    """Fill the database of this environment; return how long it took, and its size."""
    begun = time.monotonic()
    # Odoo limits its processes; arrays of ten million need more than a worker may.
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    Filling(env, traders, events, seed).run()
    env.cr.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
    (size,) = env.cr.fetchone()
    return {"seconds": time.monotonic() - begun, "size": size}
