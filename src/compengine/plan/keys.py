"""Every key a plan file may have. The reader follows these tables, and the reference page is made from them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """`takes` is what the value is; `words` the allowed words where it is one of a list; `default` as text."""

    name: str
    takes: str
    meaning: str
    required: bool = False
    default: str = ""
    words: tuple[str, ...] = ()


_SHARES = ("100%", "at most 100%", "overlay")
_ROUNDING = ("half-up per row", "half-even per row", "half-up per component", "half-even per component")

PLAN = (
    Key("plan", "name", "Identity of the plan; other plans refer to it.", True),
    Key("title", "text", "For people.", default="the plan's name"),
    Key("currency", "currency", "The one currency inside the plan.", True),
    Key("effective", "date to date", "First and last day; a row belongs to the version in force on its date.", True),
    Key("pay_period", "calendar", "The calendar of the workspace whose periods are paid.", True),
    Key("payees", "bool, per payee", "Who is on the plan, day by day.", True),
    Key(
        "rounding", "word", "How money is rounded to its minor unit, and where.", default=_ROUNDING[0], words=_ROUNDING
    ),
    Key(
        "prorate",
        "word",
        "Quotas and targets of somebody on the plan for part of a window.",
        default="days",
        words=("days", "working days", "months", "none"),
    ),
    Key("late", "word", "A row dated in a closed period.", default="restate", words=("restate", "current_period")),
    Key("quotas", "quota: rule", "How a quota is spread over its periods, and how much of it a person carries."),
    Key("on_transfer", "word", "Running totals of somebody who changes plan.", words=("carry", "reset")),
    Key("use", "list of files", "Files that bring in tables, credits and measures."),
    Key("tables", "name: table", "Functions of constants."),
    Key("credits", "name: stream", "Who is credited with what."),
    Key("measures", "name: expression", "Numbers per person."),
    Key("earn", "name: component", "What is earned.", True),
    Key("clawback", "name: clawback", "What is taken back."),
    Key("settle", "rule", "When and how it is paid."),
)

SHARED = (
    Key("tables", "name: table", "Tables for the plans that use the file."),
    Key("credits", "name: stream", "Streams for the plans that use the file."),
    Key("measures", "name: expression", "Measures for the plans that use the file."),
)

QUOTA = (
    Key("spread", "number, per period", "How heavy a pay period weighs among those of a quota's span."),
    Key("share", "number, per payee", "Which part of a pay period's quota this person carries.", default="100%"),
)

TABLE = (
    Key("by", "list of units", "The units of the arguments: text, number, percent, money.", True),
    Key("steps", "entries", "The entry at or below the value; a text matches exactly."),
    Key("curve", "points", "Straight lines between points; below and above say what holds outside."),
    Key("cumulative", "bands", "What each band is worth, earned pro rata inside it; end closes the last."),
    Key("boundary", "word", "To which side a bound belongs.", default="upper", words=("upper", "lower")),
)

CREDIT = (
    Key("from", "table, stream, component or plan.component", "Where rows come from.", True),
    Key("each", "related rows", "One credit per related row."),
    Key("when", "bool, per row", "Which rows are taken.", default="every row"),
    Key("date", "date, per row", "The day that window, order, hierarchy and exchange rate follow.", True),
    Key("amount", "money or number, per row", "What is credited, before the share.", True),
    Key("to", "payee, managers(…) or payees where …", "Who is credited.", True),
    Key("share", "number, per row", "Part of the amount.", default="100%"),
    Key("shares_total", "word", "What the shares of one source row add up to.", default="100%", words=_SHARES),
    Key(
        "convert",
        "word",
        "Which rate brings a foreign amount into the plan's currency.",
        default="comp_date",
        words=("comp_date", "plan_rate"),
    ),
)

COMPONENT = (
    Key("terms", "text", "The sentence of the contract, printed beside the number."),
    Key("per", "credit of STREAM, period, month, quarter or year", "What one row of earnings stands for.", True),
    Key("when", "bool", "The gate; false earns nothing and is shown.", default="always"),
    Key("of", "money or number", "The basis."),
    Key("rate", "number, money, or a scale", "What the basis is multiplied by."),
    Key("pay", "money, or a rank", "A sum that is not a rate of anything."),
    Key("multiply", "name: number", "Multipliers, in the file's order."),
    Key("limit", "list of limits", "Minimums and caps, in the file's order."),
    Key("release", "list of releases", "When the earning becomes payable.", default="at once"),
    Key("paid", "word", "no: an intermediate figure that is shown, not paid.", default="yes", words=("yes", "no")),
)

SCALE = (
    Key("position", "number or money", "What says where a credit lies.", True),
    Key("mode", "word", "Each slice at its own rate, or everything at the rate reached.", words=("marginal", "whole")),
    Key("boundary", "word", "To which side a bound belongs.", default="upper", words=("upper", "lower")),
    Key("bands", "lower bound: rate", "Rates by lower bound.", True),
)

RANK = (
    Key("rank", "number or money", "What people are ranked by, the highest first.", True),
    Key("among", "group", "Who takes part.", True),
    Key("ties", "share, all, next, or a list of measures", "What tied people get."),
    Key("prizes", "list of prizes", "The prizes, the first place first.", True),
)

PRIZE = (
    Key("prize", "money", "What the place pays.", True),
    Key("when", "bool", "What a person must meet to take it.", default="always"),
)

RELEASE = (
    Key("share", "number", "Part of the earning.", True),
    Key("on", "date", "The day from which it is payable; empty holds it.", True),
    Key("each", "related rows", "One part per related row."),
)

CLAWBACK = (
    Key("terms", "text", "The sentence of the contract."),
    Key("of", "stream", "All components on this stream are taken back from.", True),
    Key("from", "table", "A table of reversals that refers to the stream's rows.", default="the row itself"),
    Key("when", "bool, per row", "Which rows are reversed.", default="every row"),
    Key("date", "date, per row", "The day of the reversal.", True),
    Key("share", "number, per row", "Part to take back.", default="100%"),
    Key("policy", "word", "What is taken back.", words=("original_lines", "scale", "recompute")),
    Key("attainment", "word", "Whether the credit still counts.", words=("kept", "reduced")),
)

SETTLE = (
    Key("negative", "word", "What becomes of a balance below zero.", words=("carry", "collect", "forgive")),
    Key("limit", "list of limits", "Minimums and caps on the plan's total."),
    Key("minimum", "money", "Below it nothing is paid and the balance waits."),
    Key("pay_in", "currency, per payee", "Currency of payment.", default="the plan's"),
    Key(
        "convert",
        "word",
        "Which rate converts the payment.",
        default="pay_date",
        words=("pay_date", "period_average", "plan_rate"),
    ),
    Key(
        "order",
        "list of words",
        "Which balance is recovered first.",
        default="draw, clawback, negative",
        words=("draw", "clawback", "negative"),
    ),
    Key("draw", "draw", "Money paid ahead of earnings."),
)

DRAW = (
    Key("kind", "word", "Tops earnings up, or comes on top of them.", words=("top-up", "additive")),
    Key("amount", "money", "Of one period.", True),
    Key("when", "bool", "While it runs.", default="always"),
    Key("recover", "number", "Share of what may be recovered; 0% makes it a guarantee."),
    Key("recover_when", "bool", "While it is recovered.", default="always"),
    Key("owed_limit", "money", "The most that may be owed."),
    Key("at_end", "word", "What becomes of what is owed at the end.", words=("owed", "forgiven")),
)

SECTIONS: dict[str, tuple[Key, ...]] = {
    "plan": PLAN,
    "use": SHARED,
    "quotas": QUOTA,
    "tables": TABLE,
    "credits": CREDIT,
    "earn": COMPONENT,
    "rate": SCALE,
    "pay": RANK,
    "prizes": PRIZE,
    "release": RELEASE,
    "clawback": CLAWBACK,
    "settle": SETTLE,
    "draw": DRAW,
}

_RESERVED_TEXT = """
if then else and or not in between is empty default where true false to
payee period credit earning other payees month quarter year rolling life previous same
sum count min max average quota before after lookup match managers share_of abs floor ceil round
days_between months_between days_in days_on_plan
"""
RESERVED = frozenset(_RESERVED_TEXT.split())
"""Words of the language: no table, stream, measure or component may bear one."""

_LIMITED = "limits stand in a list: limit: [at most 5_000 USD per month]"
_TIERED = "tiers are bands of a scale: rate: {position: MEASURE, mode: marginal, bands: {0%: 5%, 100%: 8%}}"
_SPLIT = "who is credited with which part stands under credits: each, to, share and shares_total"
_EFFECTIVE = "both days stand under effective: 2026-01-01 to 2026-12-31"
SAID_OTHERWISE = {
    **dict.fromkeys(("cap", "max", "maximum", "ceiling"), _LIMITED),
    **dict.fromkeys(("floor", "min"), _LIMITED.replace("at most", "at least")),
    **dict.fromkeys(("tiers", "tier", "scale", "brackets", "accelerator", "accelerators", "mode", "bands"), _TIERED),
    **dict.fromkeys(("split", "splits", "credit_split"), _SPLIT),
    **dict.fromkeys(("start", "end", "from_date", "start_date", "end_date", "valid_from"), _EFFECTIVE),
    **dict.fromkeys(("if", "where", "condition", "gate", "eligibility", "filter"), "a condition stands under when"),
    **dict.fromkeys(("basis", "base", "on_amount"), "what the rate is multiplied by stands under of"),
    **dict.fromkeys(("percent", "percentage", "commission_rate"), "what of is multiplied by stands under rate"),
    **dict.fromkeys(("multiplier", "kicker", "booster"), "multipliers have names: multiply: {NAME: 1.2}"),
    **dict.fromkeys(("draw", "guarantee"), "draws stand under settle, for the plan as a whole"),
    **dict.fromkeys(
        ("frequency", "cadence"), "how often is said by per: credit of STREAM, or a window; pay_period pays it"
    ),
    **dict.fromkeys(("spif", "spiff", "bonus", "commission"), "what is earned stands under earn, by its own name"),
    **dict.fromkeys(("contest", "rank"), "a contest is pay: {rank: MEASURE, among: GROUP, prizes: [100 USD]}"),
    **dict.fromkeys(("owner", "credit_to", "payee"), "who is credited stands under to"),
}
"""Words that others use for what stands elsewhere, and where it stands here. For keys that a place does not take."""
