"""Facts → view. A pure function; `identities.require` proves what it made."""

from compengine.statement.facts import Facts
from compengine.statement.view import StatementView


def build(facts: Facts) -> StatementView:
    """The statement of one payee for one period; raises `Failed` (E801) where its figures do not add up."""
    raise NotImplementedError
