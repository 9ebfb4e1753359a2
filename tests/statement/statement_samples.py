"""Made-up payees, each with facts that add up: what the tests read and the pictures show."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

from compengine.plan.typed import (
    Arithmetic,
    Band,
    Component,
    Draw,
    Grain,
    Limit,
    Literal,
    MeasureRule,
    MeasureValue,
    PerCredit,
    PerWindow,
    Plan,
    Release,
    Scale,
    Scope,
    Settle,
    Type,
    Unit,
)
from compengine.source.text import Span
from compengine.statement.employment import Stay
from compengine.statement.facts import (
    DisputeFacts,
    Facts,
    PlanFacts,
    Posted,
    RecordFacts,
    RunFacts,
    ScalePosition,
    Status,
    YearCell,
)
from compengine.values.decided import ADJUSTMENT, Adjustment, Decided, Hold
from compengine.values.exact import divide, exact, multiply
from compengine.values.periods import Calendar, Kind
from compengine.values.rounding import Rounding, round_to
from compengine.values.rows import Balance, Credit, Earning, Exclusion, Measure, Payable, Settlement

HERE = Span("plan.yaml", 1, 1, 1, 2)
CENT = Decimal("0.01")
MONTHLY = Calendar("monthly", Kind.MONTHS, date(2026, 1, 1), pay_after=15)


def digest(word: str) -> str:
    return sha256(word.encode()).hexdigest()


def constant(text: str, value: Decimal, unit: Unit = Unit.PERCENT) -> Literal:
    return Literal(Type(unit, Grain.CONSTANT), HERE, text, value)


def measure(text: str, unit: Unit = Unit.NUMBER) -> MeasureValue:
    return MeasureValue(Type(unit, Grain.PAYEE), HERE, text, text)


ATTAINMENT = Arithmetic(
    Type(Unit.NUMBER, Grain.PAYEE),
    HERE,
    "sum(bookings, year to date) / quota(bookings, year)",
    "/",
    measure("sum(bookings, year to date)", Unit.MONEY),
    measure("quota(bookings, year)", Unit.MONEY),
)


def scale(*bands: tuple[str, str], whole: bool = False, window: str = "year to date") -> Scale:
    return Scale(
        position=ATTAINMENT,
        moving=ATTAINMENT.left,
        per=ATTAINMENT.right,
        by_row=False,
        whole=whole,
        boundary_upper=True,
        bands=tuple(
            Band(
                bound,
                Decimal(bound.removesuffix("%")) / 100,
                constant(rate, Decimal(rate.removesuffix("%")) / 100),
                False,
            )
            for bound, rate in bands
        ),
        window=None,
        unit=Unit.PERCENT,
        span=HERE,
    )


def component(name: str, terms: str = "", per: PerCredit | PerWindow | None = None, **keys: object) -> Component:
    made = Component(
        name=name,
        terms=terms,
        per=per or PerCredit("bookings"),
        when=None,
        of=None,
        rate=None,
        pay=None,
        multiply=(),
        limits=(),
        release=(),
        paid=True,
        span=HERE,
    )
    return replace(made, **keys)  # type: ignore[arg-type]


def plan(*components: Component, draw: Draw | None = None, **keys: object) -> Plan:
    made = Plan(
        name="enterprise-ae",
        title="Enterprise account executive",
        currency="USD",
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
        calendar=MONTHLY,
        payees=measure("true"),
        rounding=Rounding.HALF_UP,
        per_component=False,
        prorate="days",
        late="restate",
        on_transfer="",
        quotas={},
        tables={},
        streams={},
        measures={"attainment": MeasureRule("attainment", ATTAINMENT, HERE)},
        components={c.name: c for c in components},
        clawbacks={},
        settle=Settle("carry", (), None, None, "pay_date", ("draw", "clawback", "negative"), draw, HERE),
        path="plans/enterprise-ae/plan.yaml",
        digest=digest("enterprise-ae"),
    )
    return replace(made, **keys)  # type: ignore[arg-type]


COMMISSION = component(
    "commission",
    "10% of bookings up to your quota; 20% of what is above it.",
    rate=scale(("0%", "10%"), ("100%", "20%"), ("150%", "25%")),
)
MULTI_YEAR = component("multi_year", "A quarter more on commissions of deals over three years or longer.")
SPIF = component("analytics_spif", "500 USD for each of your first ten Analytics deals in the first quarter.")
LIMITED = component(
    "commission",
    COMMISSION.terms,
    rate=COMMISSION.rate,
    limits=(
        Limit(
            "at most",
            constant("10_000 USD", Decimal(10000), Unit.MONEY),
            Scope("period", None, "period"),
            None,
            False,
            False,
            "at most 10_000 USD per period",
            HERE,
        ),
    ),
)
CARRYING = replace(
    LIMITED,
    limits=(replace(LIMITED.limits[0], carry=True, text="at most 10_000 USD per period carry"),),
)
DRAW = Draw(
    "top-up",
    constant("4_000 USD", Decimal(4000), Unit.MONEY),
    measure("period.end <= 2026-06-30"),
    constant("100%", Decimal(1)),
    None,
    None,
    "owed",
    HERE,
)


def row(
    source: str,
    basis: str,
    rate: str,
    *,
    component: str = "commission",
    part: str = "rate",
    kind: str = "rate",
    amount: str | None = None,
    period: str = "2026-03",
    on: date = date(2026, 3, 12),
    start: str | None = None,
    plan: str = "enterprise-ae",
    currency: str = "USD",
) -> Earning:
    product = round_to(multiply(exact(basis), exact(rate)), CENT, Rounding.HALF_UP)
    return Earning(
        plan=plan,
        component=component,
        payee="ana",
        for_period=period,
        date=on,
        source=source,
        part=part,
        kind=kind,
        basis=exact(basis),
        basis_unit=currency,
        rate=exact(rate),
        rate_unit="%",
        amount=exact(amount) if amount is not None else product,
        currency=currency,
        paid=True,
        position_from=exact(start) if start is not None else None,
        position_to=None,
    )


def run(number: str = "2026-03-0001", status: Status = Status.FINAL) -> RunFacts:
    return RunFacts(
        run="2026-03.2",
        number=number,
        status=status,
        engine="0.1.0",
        snapshot=digest("snapshot"),
        workspace=digest("workspace"),
        entitlement=digest("entitlement"),
        ledger=digest("ledger"),
        checkpoint=765,
        calculated_by="omar",
        calculated_at=datetime(2026, 4, 2, 9, 12, tzinfo=UTC),
        approved_by="fiona",
        approved_at=datetime(2026, 4, 3, 16, 40, tzinfo=UTC),
        dated=date(2026, 4, 4),
    )


def settlement(due: str, **keys: str) -> Settlement:
    zero = exact(0)
    steps = {
        name: exact(keys.get(name, "0"))
        for name in (
            "brought",
            "draw",
            "guarantee",
            "recovered",
            "carried_recovered",
            "carried",
            "collected",
            "forgiven",
            "waiting",
            "draw_forgiven",
        )
    }
    payable = (
        exact(due)
        + steps["brought"]
        + steps["draw"]
        + steps["guarantee"]
        - steps["recovered"]
        - steps["carried_recovered"]
        + steps["carried"]
        + steps["collected"]
        + steps["forgiven"]
        - steps["waiting"]
    )
    return Settlement(
        plan="enterprise-ae",
        payee="ana",
        period="2026-03",
        currency="USD",
        due=exact(due),
        payable=exact(payable),
        pay_currency="USD",
        fx_rate=zero,
        fx_date=None,
        paid=exact(payable),
        **steps,
    )


def balance(account: str, amount: str) -> Balance:
    return Balance("ana", "enterprise-ae", account, "USD", exact(amount))


def abroad() -> Facts:
    """Paid in EUR, and ten dollars of another plan that stay in USD."""
    made = crossing()
    spif = plan(component("bonus", rate=scale(("0%", "1%"))), name="spring-spif", title="Spring SPIF")
    more = row("D9", "1000", "0.01", component="bonus", part="0%", plan="spring-spif")
    first = replace(
        settlement("5875"),
        pay_currency="EUR",
        fx_rate=exact("0.9311"),
        fx_date=date(2026, 3, 31),
        paid=exact("5470.21"),
    )
    return replace(
        made,
        plans=(made.plans[0], replace(made.plans[0], plan=spif)),
        rows=(*made.rows, Posted(1, more, "2026-03")),
        settlements=(first, replace(settlement("10"), plan="spring-spif")),
        closing=None,
        year=(),
    )


def facts(rows: list[Earning] | list[Posted], settled: Settlement, of: Plan, **keys: object) -> Facts:
    posted = tuple(r if isinstance(r, Posted) else Posted(1, r, "2026-03") for r in rows)
    made = Facts(
        run=run(),
        workspace="Acme Robotics, Inc.",
        plans=(PlanFacts(of, MONTHLY.period("2026-03"), date(2026, 4, 15)),),
        payee_id="ana",
        payee={"name": "Ana Oliveira", "title": "Enterprise AE", "manager": "Marco Brandt", "cost_centre": "4120"},
        rows=posted,
        settlements=(settled,),
        query="Write to compensation@acme.example.",
        query_days=30,
        time_zone="America/New_York",
    )
    return replace(made, **keys)  # type: ignore[arg-type]


SOURCES = {
    "D1001": (("Customer", "Nordwind Logistics"), ("Product", "Platform, 36 months")),
    "D1002": (("Customer", "Bluebird Health"), ("Product", "Analytics")),
    "D1003": (("Customer", "Kestrel & Sons"), ("Product", "Platform")),
}


def crossing() -> Facts:
    """Quota 33,000, one deal of 40,000: 33,000 × 10% + 7,000 × 20% = 4,700.00."""
    return facts(
        [
            row("D1001", "33000", "0.1", part="0%", start="0"),
            row("D1001", "7000", "0.2", part="100%", start="1"),
            row("D1001", "4700", "0.25", component="multi_year"),
        ],
        settlement("5875"),
        plan(COMMISSION, MULTI_YEAR, SPIF),
        positions=(
            ScalePosition(
                "enterprise-ae", "commission", divide(exact(40000), exact(33000)), exact(40000), exact(33000), "USD"
            ),
        ),
        measures=(Measure("enterprise-ae", "attainment", "ana", "2026-03", divide(exact(40000), exact(33000)), ""),),
        exclusions=(
            Exclusion("enterprise-ae", "bookings", "D1003", "ana", 'deal.stage == "Closed Won"'),
            Exclusion("enterprise-ae", "analytics_spif", "D1001", "ana", 'deal.product == "Analytics"'),
        ),
        opening=(balance("paid", "6000"), balance("payable", "0")),
        closing=(balance("paid", "6000"), balance("payable", "5875")),
        year=(
            YearCell("2026-01", "enterprise-ae", "commission", exact(2500), exact(2500), "USD"),
            YearCell("2026-02", "enterprise-ae", "commission", exact(3500), exact(3500), "USD"),
            YearCell("2026-03", "enterprise-ae", "commission", exact(4700), exact(4700), "USD"),
            YearCell("2026-03", "enterprise-ae", "multi_year", exact(1175), exact(1175), "USD"),
        ),
        sources=SOURCES,
    )


def true_up() -> Facts:
    """A whole rate on the year to date: January goes from 2% to 3% when February carries it over quota."""
    old = replace(row("2026-01", "80000", "0.02", part="0%", period="2026-01", on=date(2026, 1, 31)))
    new = replace(row("2026-01", "80000", "0.03", part="100%", period="2026-01", on=date(2026, 1, 31)))
    late = row("D0977", "12500", "0.03", part="100%", period="2026-02", on=date(2026, 2, 27))
    claw = row(
        "D0961",
        "1200",
        "-0.5",
        part="claw:cancelled/R7:0%",
        kind="claw",
        amount="-600",
        on=date(2026, 3, 20),
        period="2026-03",
    )
    ytd = component(
        "commission",
        "2% of bookings; from quota on, 3% of everything since January.",
        rate=scale(("0%", "2%"), ("100%", "3%"), whole=True),
    )
    rows = [
        Posted(-1, old, "2026-03", "2026-01-000001"),
        Posted(1, new, "2026-03"),
        Posted(1, late, "2026-03"),
        Posted(1, row("D1001", "90000", "0.03", part="100%"), "2026-03"),
        Posted(1, row("D1002", "40000", "0.03", part="100%", on=date(2026, 3, 28)), "2026-03"),
        Posted(1, claw, "2026-03", "2026-02-000001"),
    ]
    return facts(
        rows,
        settlement("4475"),
        plan(ytd),
        positions=(ScalePosition("enterprise-ae", "commission", exact("1.05"), exact(210000), exact(200000), "USD"),),
        sources=SOURCES
        | {"D0977": (("Customer", "Harbour Freight Cooperative"),), "D0961": (("Customer", "Ostrava Steel"),)},
        credits=(
            Credit(
                "enterprise-ae",
                "bookings",
                "ana",
                "D1002",
                date(2026, 3, 28),
                exact(40000),
                "USD",
                exact("0.6"),
                0,
                "",
                exact("62111.80"),
                "EUR",
                exact("1.073333333333"),
                date(2026, 3, 28),
            ),
        ),
    )


def draw_month() -> Facts:
    return facts(
        [row("D1002", "23750", "0.1", part="0%", start="0", on=date(2026, 3, 5))],
        settlement("2375", draw="1625"),
        plan(COMMISSION, MULTI_YEAR, draw=DRAW),
        positions=(ScalePosition("enterprise-ae", "commission", exact("0.475"), exact(23750), exact(50000), "USD"),),
        opening=(balance("owed", "-500"),),
        closing=(balance("owed", "-2125"), balance("payable", "4000")),
        sources=SOURCES,
    )


def negative() -> Facts:
    claw = row("D0961", "4000", "-0.75", part="claw:cancelled:0%", kind="claw", amount="-3000", on=date(2026, 3, 20))
    return facts(
        [row("D1002", "12000", "0.1", part="0%", start="0"), claw],
        settlement("-1800", carried="1800"),
        plan(COMMISSION),
        opening=(balance("carried", "-200"),),
        closing=(balance("carried", "-2000"),),
        sources=SOURCES | {"D0961": (("Customer", "Ostrava Steel"),)},
        positions=(ScalePosition("enterprise-ae", "commission", exact("0.24"), exact(12000), exact(50000), "USD"),),
    )


def nothing() -> Facts:
    return facts(
        [],
        settlement("0"),
        plan(COMMISSION, MULTI_YEAR, component("quarterly_bonus", per=PerWindow("quarter"))),
        positions=(ScalePosition("enterprise-ae", "commission", exact(0), exact(0), exact(50000), "USD"),),
        exclusions=(Exclusion("enterprise-ae", "bookings", "D1003", "ana", 'deal.stage == "Closed Won"'),),
        sources=SOURCES,
    )


def many(count: int) -> Facts:
    """`count` deals, the first of them held, a cap at the end where they earn more than 10,000."""
    rows = [
        row(
            f"D{2000 + n}",
            f"{1200 + 37 * n}.5",
            "0.1",
            part="0%",
            on=date(2026, 3, 1 + n % 28),
            start="0",
        )
        for n in range(count)
    ]
    earned = sum((r.amount for r in rows), Decimal(0))
    over = max(Decimal(0), earned - 10000)
    if over:
        rows.append(
            row("2026-03", str(earned), "0", part="cap:period", kind="cap", amount=str(-over), on=date(2026, 3, 31))
        )
    first = rows[0]
    names = ("Nordwind Logistics", "Bluebird Health", "Kestrel & Sons", "Compagnie générale des eaux minérales de Vals")
    release = Release(constant("100%", Decimal(1)), measure("deal.payments.paid_on"), None, HERE)
    return facts(
        rows,
        settlement(str(earned - over - first.amount)),
        plan(replace(LIMITED, release=(release,))),
        payables=(
            Payable(
                "enterprise-ae", "commission", "ana", "2026-03", first.source, first.part, 0, None, first.amount, "USD"
            ),
        ),
        closing=(balance("held", str(first.amount)), balance("payable", str(earned - over - first.amount))),
        positions=(ScalePosition("enterprise-ae", "commission", exact("0.81"), exact(40500), exact(50000), "USD"),),
        sources={f"D{2000 + n}": (("Customer", names[n % 4]), ("Product", "Platform")) for n in range(count)},
    )


def hostile(text: str) -> Facts:
    """The same text in every place that data can reach."""
    made = crossing()
    return replace(
        made,
        workspace=text,
        payee={"name": text, "title": text},
        sources={"D1001": ((text, text), (text, text)), "D1003": ((text, text),)},
        exclusions=(Exclusion("enterprise-ae", text, text, "ana", text),),
        query=text,
    )


def names() -> Facts:
    made = crossing()
    return replace(
        made,
        payee={
            "name": "María-José Fernández de la Cruz y Villanueva-Łukasiewicz, محمد الأحمد, 山田太郎",
            "title": "Enterprise AE",
        },
        sources={
            "D1001": (
                ("Customer", "Gesellschaft für Rindfleischetikettierungsüberwachungsaufgabenübertragung mbH & Co. KG"),
                ("Product", "Πλατφόρμα, Платформа, プラットフォーム"),
            )
        },
    )


def by_hand(amount: str, period: str = "2026-03", id: str = "A0001", code: str = "SPIF-Q1") -> Earning:
    made = row(id, amount, "1", component=ADJUSTMENT, part=code, kind=ADJUSTMENT, period=period, on=date(2026, 3, 31))
    return replace(made, rate_unit="")


def decided() -> Facts:
    """A commission of 100, a bonus of 250, 30 taken back for January, a deal on hold, two disputes."""
    rows = [
        row("D1", "1000", "0.1", part="0%"),
        row("D2", "2000", "0.1", part="0%"),
        by_hand("250"),
        by_hand("-30", "2026-01", "A0002", "OVERPAID"),
    ]
    made = facts(rows, settlement("320"), plan(COMMISSION))
    taken = [(r.source, r.payee, r.plan, r.for_period, r.part, r.amount, r.currency) for r in rows[2:]]
    opened, due = date(2026, 3, 4), date(2026, 4, 3)
    dispute = DisputeFacts("D0001", "2026-02-000001", "D1/0%", "Wrong rate", "reviewed", opened, due, opened)
    return replace(
        made,
        payables=(Payable("enterprise-ae", "commission", "ana", "2026-03", "D2", "0%", 0, None, exact(200), "USD"),),
        decided=Decided(tuple(Adjustment(*one) for one in taken), (Hold("H0001", "ana", source="D2"),)),
        register={
            "A0001": RecordFacts(
                "bonus", "Launch prize", date(2026, 3, 2), date(2026, 3, 3), "frank", "olive", "D0002"
            ),
            "A0002": RecordFacts("recovery", "Paid twice", date(2026, 3, 2), date(2026, 3, 3), "frank"),
            "H0001": RecordFacts("", "Contract unsigned", date(2026, 3, 2)),
        },
        disputes=(
            dispute,
            replace(dispute, id="D0002", state="refused", last=date(2026, 3, 9), outcome="The rate is right"),
        ),
    )


def manager() -> Facts:
    """Three deals below: two through Ben (one of his own people's), one through Cleo; one of her own; a cap."""
    deals = (("D1", "20000", "ben", 1), ("D2", "30000", "ben", 2), ("D3", "40000", "cleo", 1), ("D4", "5000", "", 0))
    rows = [row(source, amount, "0.02") for source, amount, _, _ in deals]
    rows.append(row("2026-03", "1900", "0", part="cap:period", kind="cap", amount="-100", on=date(2026, 3, 31)))
    day, zero = date(2026, 3, 12), exact(0)
    return facts(
        rows,
        settlement("1800"),
        plan(component("commission", "2% of what your people book.", limits=LIMITED.limits)),
        credits=tuple(
            Credit(
                "enterprise-ae",
                "bookings",
                "ana",
                source,
                day,
                exact(amount),
                "USD",
                exact(1),
                level,
                via,
                zero,
                "",
                zero,
                None,
            )
            for source, amount, via, level in deals
        ),
        below={"ben": "Ben Adeyemi-Wójcik", "cleo": "Cleo สมชาย"},
        sources=SOURCES,
    )


def moved() -> Facts:
    """With one entity until the 14th, with another from then on; a deal of January comes late."""
    rows = [
        row("D1001", "1000", "0.1", part="0%", on=date(2026, 3, 10)),
        row("D1002", "3000", "0.1", part="0%", on=date(2026, 3, 20)),
        row("D1003", "500", "0.1", part="0%", on=date(2026, 1, 20), period="2026-01"),
    ]
    return facts(
        rows,
        settlement("450"),
        plan(COMMISSION),
        entity="acme-eu",
        workspace="Acme Robotics GmbH",
        address=("Werkstraße 7", "10115 Musterstadt"),
        stays=(
            Stay("acme-us", "Acme Robotics, Inc.", date.min, date(2026, 3, 14)),
            Stay("acme-eu", "Acme Robotics GmbH", date(2026, 3, 15), date.max),
        ),
        sources=SOURCES,
    )


ALL = {
    "moved": moved,
    "manager": manager,
    "crossing": crossing,
    "true_up": true_up,
    "draw": draw_month,
    "negative": negative,
    "nothing": nothing,
    "forty": lambda: many(40),
    "six_hundred": lambda: many(600),
    "names": names,
    "decided": decided,
    "abroad": abroad,
}
