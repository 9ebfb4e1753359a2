"""How one earning came about: the same evaluation again, with the recorder on."""

from compengine.inputs.snapshot import Snapshot
from compengine.oracle.book import Book, Calculation, Draft, Subject
from compengine.oracle.earn import products
from compengine.oracle.evaluate import labelled
from compengine.oracle.faults import Fault
from compengine.oracle.run import begin
from compengine.oracle.trace import Line, Recorder, Tree
from compengine.plan.typed import Component, Program, Rank
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.periods import Window
from compengine.values.rows import Earning, Posted

__all__ = ["Line", "Tree", "explain"]


def explain(
    program: Program,
    snapshot: Snapshot,
    horizon: Window,
    plan: str,
    component: str,
    payee: str,
    source: str,
    posted: Posted | None = None,
) -> Tree:
    """One earning as a tree: `when`, `of`, `rate` (with positions), multipliers and bounds of limits, each with what
    XX"""
    return explained(begin(program, snapshot, horizon, posted), plan, component, payee, source)


def explained(calculation: Calculation, plan: str, component: str, payee: str, source: str) -> Tree:
    """The same of a calculation that has begun (`oracle.run.begin`): what one earning worked out, the next finds."""
    for book in calculation.books.values():
        if book.plan.name != plan or component not in book.plan.components:
            continue
        result = book.component(component)
        if calculation.faults:
            raise Failed(calculation.faults)
        for draft in result.drafts:
            if (draft.subject.payee, draft.subject.source) == (payee, source):
                claws = [claw for of, claw in result.claws if of is draft.subject]
                return _tree(book, book.plan.components[component], draft, [*draft.rows, *claws])
    place = Place(note=payee)
    raise Failed([Diagnostic("E706", f"{payee} has no earning of {plan}, {component} for {source}", place)])


def _tree(book: Book, component: Component, draft: Draft, rows: list[Earning]) -> Tree:
    recorder = Recorder()
    recorders = book.calculation.recorders
    recorders.append(recorder)
    try:
        if draft.carried:
            _limits(component, draft.subject)
        else:
            _again(book, component, draft.subject)
    except Fault as fault:
        recorder.done.append(Tree(fault.message, None, fault.span))
    finally:
        recorders.remove(recorder)
    made = tuple(Tree(f"{row.part} · {row.kind}", row.amount, None, _product(row)) for row in rows)
    total = sum((row.amount for row in rows), start=rows[0].amount * 0) if rows else None
    title = component.terms or component.name
    return Tree(title, total, component.span, (*recorder.done, Tree("rows", total, component.span, made)))


def _again(book: Book, component: Component, subject: Subject) -> None:
    """Steps 1 to 4 of section 10 for this subject alone."""
    scene = subject.scene
    if component.when is not None:
        labelled("when", component.when, scene)
    if isinstance(component.pay, Rank):
        labelled("rank", component.pay.by, scene)
        for place, prize in enumerate(component.pay.prizes, start=1):
            if prize.when is not None:
                labelled(f"prize {place} when", prize.when, scene)
    else:
        products(book, component, subject)
    for name, factor in component.multiply:
        labelled(f"multiply {name}", factor, scene)
    _limits(component, subject)


def _limits(component: Component, subject: Subject) -> None:
    """M of each limit; of those alone that a carried row has passed, where there is nothing else."""
    first = next((n for n, limit in enumerate(component.limits) if limit.carry), 0) if subject.item is None else 0
    for limit in component.limits[first:]:
        labelled(limit.text, limit.value, subject.scene)


def _product(row: Earning) -> tuple[Tree, ...]:
    """basis × rate, and where on a scale the slice lies."""
    found = [Tree("basis", row.basis, None), Tree("rate", row.rate, None)]
    if row.position_from is not None and row.position_to is not None:
        found += [Tree("position from", row.position_from, None), Tree("position to", row.position_to, None)]
    return tuple(found)
