"""Words of other tools: the diagnostic says where a plan says it here."""

import re
from pathlib import Path

import pytest

from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.plan.keys import SAID_OTHERWISE, SECTIONS
from compengine.source.text import Text

FOLDER = Path(__file__).parents[2] / "plans"
WORKSPACE = read_workspace(Text("compengine.yaml", (FOLDER / "compengine.yaml").read_text(encoding="utf-8")))
PLAN = """\
plan: words
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: true
earn:
  commission:
    pay: 5 USD
    {word}: 5 USD
"""


@pytest.mark.parametrize("word", sorted(SAID_OTHERWISE))
def test_a_word_of_another_tool_is_answered_with_the_key_that_says_it(word: str) -> None:
    _, found = check([Text("plan.yaml", PLAN.format(word=word))], WORKSPACE)
    told = [d.help for d in found if d.code == "E104"]
    assert told == [SAID_OTHERWISE[word]]


def test_every_answer_names_a_key_there_is() -> None:
    keys = {key.name for section in SECTIONS.values() for key in section}
    assert [help for help in SAID_OTHERWISE.values() if not keys & set(re.findall(r"[a-z_]+", help))] == []
