"""What the language has and this version does not calculate yet. Take a line out when it runs."""

from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import note
from compengine.source.text import Span

NOT_RUNNING = {
    "late: current_period": "leave it out: late rows restate their own period, and the difference is posted now",
}


def refuse(feature: str, span: Span, found: list[Diagnostic]) -> None:
    """E399, with the way round."""
    note(found, "E399", f"{feature} is not calculated by this version", span, NOT_RUNNING[feature])
