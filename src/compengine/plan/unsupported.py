"""What the language has and this version does not calculate yet. Take a line out when it runs."""

from compengine.plan.keys import Key
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import note, word
from compengine.source.text import Span
from compengine.source.yaml import Mapping

NOT_RUNNING = {
    "late: current_period": "leave it out: late rows restate their own period, and the difference is posted now",
    "prorate: working days": "write prorate: days, or adjust the quotas",
    "convert: plan_rate": "leave it out, and give one rate for the whole year in the table of rates",
    "convert: comp_date": "leave it out: payment is converted at the latest rate on or before the pay date",
    "convert: period_average": "leave it out, and give the average as the rate of the pay date",
    "carry in a limit": "leave it out: what exceeds the limit is forfeited",
}


def refuse(feature: str, span: Span, found: list[Diagnostic]) -> None:
    """E399, with the way round."""
    note(found, "E399", f"{feature} is not calculated by this version", span, NOT_RUNNING[feature])


def conversion(node: Mapping, key: Key, found: list[Diagnostic]) -> str:
    """The word under `convert`. Only the default of each section is calculated."""
    said, entry = word(node.get(key.name), key.name, key.words, found) or key.default, node.entry(key.name)
    if entry is not None and said != key.default:
        refuse(f"{key.name}: {said}", entry.key.span, found)
    return said
