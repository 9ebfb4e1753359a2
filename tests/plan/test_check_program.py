"""What the typed program holds: scales, defaults, order, narrowing, versions."""

from decimal import Decimal

from plan_world import BODY, FOLDER, HEAD, WORKSPACE, check_text, codes, good

from compengine.inputs.workspace import read_workspace
from compengine.plan import typed as t
from compengine.plan.check import check
from compengine.source.text import Text

CREDITS = "credits:\n  bookings: {from: deals, date: deal.closed_on, amount: deal.value, to: deal.owner}\n"


def scale_of(position: str, measures: str = "", mode: str = "marginal", bound: str = "0%") -> t.Scale:
    rule = f"""\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate:
      position: {position}
      mode: {mode}
      bands: {{{bound}: 5%}}
"""
    plan = good(HEAD + CREDITS + measures + rule)
    rate = plan.components["commission"].rate
    assert isinstance(rate, t.Scale)
    return rate


def test_a_ratio_of_measures_is_split_into_what_moves_and_what_it_is_divided_by() -> None:
    measures = (
        "measures:\n  attainment: total / goal\n  total: sum(bookings, year to date)\n  goal: quota(bookings, year)\n"
    )
    scale = scale_of("attainment", measures)
    assert isinstance(scale.moving, t.Aggregate)
    assert isinstance(scale.per, t.Quota)
    assert (scale.by_row, scale.whole, scale.boundary_upper) == (False, False, True)
    assert scale.window is not None and scale.window.text == "year to date"


def test_a_ratio_of_two_streams_is_not_split() -> None:
    scale = scale_of("sum(bookings, year to date) / sum(bookings, year to date, plan)")
    assert scale.per is None
    assert scale.moving == scale.position


def test_a_quota_of_a_team_may_divide() -> None:
    scale = scale_of("sum(bookings, year to date) / sum(quota(bookings, year) * payee.ramp, reports)")
    assert isinstance(scale.per, t.GroupAggregate)


def test_a_position_of_the_row_runs_from_zero() -> None:
    assert scale_of("credit.amount", bound="0 USD").by_row
    scale = scale_of("credit.amount / payee.target")
    assert scale.by_row
    assert isinstance(scale.per, t.Read)


def test_a_whole_scale_has_its_window() -> None:
    scale = scale_of("sum(bookings, quarter to date)", mode="whole", bound="0 USD")
    assert scale.window is not None
    assert (scale.window.unit, scale.window.to_date) == ("quarter", True)
    assert scale.bands[0].at == Decimal(0)


def test_choices_left_to_a_default_are_filled_in() -> None:
    plan = good(HEAD + BODY)
    assert (plan.rounding, plan.per_component, plan.prorate, plan.late) == ("half-up", False, "days", "restate")
    assert (plan.on_transfer, plan.title, plan.settle.negative) == ("", "sample", "")
    stream = plan.streams["bookings"]
    assert isinstance(stream.share, t.Literal)
    assert (stream.share.value, stream.shares_total, stream.convert) == (Decimal(1), t.SharesTotal.WHOLE, "comp_date")


def test_a_quota_may_be_spread_and_carried_in_part() -> None:
    rules = "quotas:\n  bookings: {share: payee.ramp}\n  visits: {spread: if period.number > 6 then 2 else 1}\n"
    plan = good(HEAD + rules + BODY)
    assert list(plan.quotas) == ["bookings", "visits"]
    bookings, visits = plan.quotas["bookings"], plan.quotas["visits"]
    assert (bookings.spread, isinstance(bookings.share, t.Read)) == (None, True)
    assert (isinstance(visits.spread, t.If), visits.share) == (True, None)


def test_a_component_of_the_same_stream_is_this_credits_and_else_the_periods_total() -> None:
    plan = good(f"{HEAD}{BODY}  on_top: {{per: credit of bookings, of: commission, rate: monthly / 5 USD}}\n")
    on_top = plan.components["on_top"]
    assert isinstance(on_top.of, t.ComponentValue) and on_top.of.same_stream
    assert isinstance(on_top.rate, t.Arithmetic)
    assert isinstance(on_top.rate.left, t.ComponentValue) and not on_top.rate.left.same_stream


def test_a_reference_is_followed_by_hops_and_a_payee_alone_has_none() -> None:
    plan = good(
        f"{HEAD}{BODY}  x: {{per: credit of bookings, when: deal.owner.team == deal.customer.region, pay: 5 USD}}\n"
    )
    when = plan.components["x"].when
    assert isinstance(when, t.Compare) and isinstance(when.left, t.Read) and isinstance(when.right, t.Read)
    assert when.left.hops == (t.Hop("owner", "payees"),)
    assert when.right.hops == (t.Hop("customer", "customers"),)
    to = plan.streams["bookings"].to
    assert isinstance(to, t.ToPayee) and isinstance(to.payee, t.Read) and to.payee.hops == ()


def test_what_a_streams_when_has_tested_holds_in_every_rule_on_it() -> None:
    rule = "  x: {per: credit of bookings, when: deal.approved_on > deal.closed_on, pay: 5 USD}\n"
    assert codes(HEAD + BODY + rule) == []
    assert codes(HEAD + BODY.replace("    when: deal.approved_on is not empty\n", "") + rule) == ["E205"]


def test_order_has_every_stream_and_component_after_what_it_reads() -> None:
    program, _ = check_text(
        HEAD + CREDITS + "measures:\n  m: sum(last, month)\nearn:\n  first: {per: month, of: m, rate: 5%}\n"
        "  last: {per: credit of bookings, of: credit.amount, rate: 5%}\n"
    )
    assert program is not None
    assert [task.name for task in program.order] == ["bookings", "last", "first"]
    assert {task.plan for task in program.order} == {"sample@2026-01-01"}


def test_a_mistake_in_one_rule_is_told_once_and_not_by_those_that_read_it() -> None:
    content = HEAD + CREDITS.replace("deal.value", "deal.valu") + "measures:\n  m: sum(bookings, month)\n  n: m * 2\n"
    content += (
        "earn:\n  a: {per: credit of bookings, of: credit.amount, rate: 5%}\n  b: {per: month, of: a + n, rate: 1%}\n"
    )
    assert codes(content) == ["E210"]


def test_mistakes_in_several_files_are_told_in_one_go_in_reading_order() -> None:
    texts = [Text(f"{n}.yaml", (HEAD + BODY).replace("sample", n).replace("rate: 5%", "rate: 5")) for n in ("b", "a")]
    program, diagnostics = check(texts, WORKSPACE)
    assert program is None
    assert [str(d.place) for d in diagnostics] == ["a.yaml:22:66", "b.yaml:22:66"]


def test_versions_of_a_plan_may_follow_each_other_but_not_overlap() -> None:
    first = HEAD.replace("2026-12-31", "2026-06-30") + BODY
    second = HEAD.replace("2026-01-01", "2026-07-01") + BODY
    program, _ = check([Text("1.yaml", first), Text("2.yaml", second)], WORKSPACE)
    assert program is not None
    assert [p.id for p in program.plans] == ["sample@2026-01-01", "sample@2026-07-01"]
    _, diagnostics = check([Text("1.yaml", HEAD + BODY), Text("2.yaml", second)], WORKSPACE)
    assert [d.code for d in diagnostics] == ["E309"]


def test_versions_of_a_plan_share_currency_and_calendar() -> None:
    first = HEAD.replace("2026-12-31", "2026-06-30") + BODY
    second = HEAD.replace("2026-01-01", "2026-07-01") + BODY
    for said in (second.replace("USD", "EUR"), second.replace("monthly", "yearly", 1)):
        program, diagnostics = check([Text("1.yaml", first), Text("2.yaml", said)], WORKSPACE)
        assert program is None
        assert [d.code for d in diagnostics] == ["E302"]


def test_months_are_counted_where_the_calendar_has_them() -> None:
    head = HEAD + "prorate: months\n"
    assert codes(head + BODY.replace("of_quarter: sum(bookings, quarter)", "of_quarter: 1")) == []
    given = "calendars:\n  uneven: {periods: dates, starts: [2026-01-01, 2026-05-05], ends: 2026-12-31, per_year: 2}\n"
    content = (FOLDER / "compengine.yaml").read_text(encoding="utf-8").replace("calendars:\n", given)
    uneven = read_workspace(Text("compengine.yaml", content))
    plan = head.replace("monthly", "uneven") + BODY.replace("quarter", "period").replace("per: month", "per: period")
    assert [d.code for d in check([Text("plan.yaml", plan)], uneven)[1]] == ["E209"]
    assert check([Text("plan.yaml", plan.replace("prorate: months", "prorate: days"))], uneven)[1] == ()


def test_a_rule_shorter_than_its_sum_is_told_of_the_rule_that_is_as_long() -> None:
    rule = "  x:\n    per: month\n    of: sum(bookings, quarter)\n    rate: 1%\n"
    program, found = check([Text("plan.yaml", HEAD + BODY + rule)], WORKSPACE)
    assert program is None
    assert [(d.code, d.help.partition(";")[0]) for d in found] == [("E207", "a rule per: quarter reads it whole")]
    assert codes(HEAD + BODY + rule.replace("per: month", "per: quarter")) == []


def test_the_digest_is_that_of_the_text_and_of_the_files_it_uses() -> None:
    content = HEAD + "use: [more.yaml]\n" + BODY
    one = check([Text("plan.yaml", content)], WORKSPACE, {"more.yaml": Text("more.yaml", "measures:\n  x: 1\n")})[0]
    two = check([Text("plan.yaml", content)], WORKSPACE, {"more.yaml": Text("more.yaml", "measures:\n  x: 2\n")})[0]
    assert one is not None and two is not None
    assert one.plans[0].digest != two.plans[0].digest
    assert good(HEAD + BODY).digest == good(HEAD + BODY).digest


def test_a_period_as_long_as_a_year_knows_a_year_at_once() -> None:
    rule = "  x: {per: credit of bookings, of: credit.amount, rate: sum(bookings, year) / quota(bookings, year)}\n"
    rule = rule.replace("{", "\n    ").replace("}", "").replace(", of", "\n    of").replace(", rate", "\n    rate")
    assert codes(HEAD + BODY + rule) == ["E207"]
    assert codes(HEAD.replace("monthly", "yearly") + BODY + rule) == []


def test_what_narrows_related_rows_holds_for_the_credit_of_each() -> None:
    content = HEAD + CREDITS.replace("{from: deals, date: deal.closed_on, amount: deal.value, to: deal.owner}", "")
    rows = "    from: deals\n    each: deal.receipts where receipt.fee is not empty\n    date: receipt.date\n"
    content += rows + "    amount: receipt.fee\n    to: deal.owner\n"
    content += "earn:\n  a: {per: credit of bookings, of: receipt.fee, rate: 5%}\n"
    assert codes(content) == []
    assert codes(content.replace(" where receipt.fee is not empty", "")) == ["E205", "E205"]


def test_a_measure_may_bear_the_name_of_the_table_its_stream_draws_from() -> None:
    rule = "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 5%}\n"
    plan = good(HEAD + CREDITS + "measures:\n  deals: sum(bookings, year to date)\n" + rule)
    assert list(plan.measures) == ["deals"]
