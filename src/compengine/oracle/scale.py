"""Rates that depend on where a credit, or a window, lies (section 10, scales)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from compengine.oracle import windows
from compengine.oracle.book import Scene, cut_scene, latest_scene
from compengine.oracle.evaluate import labelled
from compengine.oracle.faults import Fault
from compengine.plan.typed import Band, Scale
from compengine.values.exact import ZERO, divide, multiply, subtract
from compengine.values.periods import NoWindow


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the basis at one band's rate, and where on the scale it lies."""

    basis: Decimal
    band: Band
    start: Decimal
    end: Decimal


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of the scale; None is unbounded."""

    lower: Decimal | None
    upper: Decimal | None
    band: Band


def slices(scale: Scale, basis: Decimal, scene: Scene, day: date) -> list[Slice]:
    """The parts of a basis, lower bands first; `day` is the earning's date."""
    start, end, per = _positions(scale, scene)
    regions = _regions(scale, per)
    if scale.whole or any(band.whole for band in scale.bands):
        regions = _rerated(scale, regions, *_latest(scale, scene, day, end, per))
    if start == end:
        return [_shown(Slice(basis, regions[_standing(regions, scale, start)].band, start, end), per)]
    return [_shown(part, per) for part in _cut(regions, basis, start, end)]


def _positions(scale: Scale, scene: Scene) -> tuple[Decimal, Decimal, Decimal | None]:
    """From, to, and the number that bounds are multiplied by, at the end of the credit's period."""
    per = _per(scale, cut_scene(scene, after=True))
    if scale.by_row:
        return ZERO, labelled("position", scale.moving, scene), per
    start = labelled("position before", scale.moving, cut_scene(scene, after=False))
    return (start, labelled("position after", scale.moving, cut_scene(scene, after=True)), per)


def _per(scale: Scale, scene: Scene) -> Decimal | None:
    if scale.per is None:
        return None
    per: Decimal = labelled("position per", scale.per, scene)
    if per.is_zero():
        raise Fault("E501", f"{scale.per.text} is zero, and the position is measured by it", scale.per.span)
    return per


def _bound(band: Band, per: Decimal | None) -> Decimal:
    return band.at if per is None else multiply(band.at, per)


def _shown(part: Slice, per: Decimal | None) -> Slice:
    """Positions in the unit the bands are written in."""
    if per is None:
        return part
    return Slice(part.basis, part.band, divide(part.start, per), divide(part.end, per))


# --- whole and mixed


def _latest(scale: Scale, scene: Scene, day: date, end: Decimal, per: Decimal | None) -> tuple[Decimal, Decimal | None]:
    """The latest position and its `per`: at the end of the window that holds the day, or of P while it is open."""
    if scale.by_row or scale.window is None:
        return end, per
    calculation, calendar = scene.book.calculation, scene.book.plan.calendar
    anchor = scale.window.anchor
    origin = labelled("year from", anchor, scene) if anchor is not None else None
    try:
        at = windows.closing(scale.window, calendar, day, scene.day, calculation.horizon.end, origin)
    except NoWindow as error:
        raise Fault("E704", str(error), scale.span) from None
    later = latest_scene(scene, at)
    return labelled("latest position", scale.moving, later), _per(scale, later)


def _rerated(scale: Scale, regions: list[Region], latest: Decimal, per: Decimal | None) -> list[Region]:
    """Whole: the band of the latest position rates everything. Mixed: the highest `whole` band that it has reached
    rates everything below its upper end."""
    standing = _standing(_regions(scale, per), scale, latest)
    if scale.whole:
        return [Region(None, None, scale.bands[standing])]
    reached = [place for place in range(standing + 1) if scale.bands[place].whole]
    if not reached:
        return regions
    return [Region(None, regions[reached[-1]].upper, scale.bands[reached[-1]]), *regions[reached[-1] + 1 :]]


# --- marginal


def _regions(scale: Scale, per: Decimal | None) -> list[Region]:
    """The bands as stretches; below the first bound the first band goes on."""
    bounds = [_bound(band, per) for band in scale.bands]
    ends: list[Decimal | None] = [None, *bounds[1:], None]
    return [Region(lower, upper, band) for (lower, upper), band in zip(pairwise(ends), scale.bands, strict=True)]


def _standing(regions: list[Region], scale: Scale, position: Decimal) -> int:
    """The place of the stretch a position stands in: exactly on a bound, the one it opens, or with `lower` the one it
    closes."""
    found = 0
    for place, region in enumerate(regions):
        if region.lower is not None and (
            position > region.lower or (position == region.lower and scale.boundary_upper)
        ):
            found = place
    return found


def _cut(regions: list[Region], basis: Decimal, start: Decimal, end: Decimal) -> list[Slice]:
    """The basis divided at the bounds between start and end, whichever way the position moves."""
    same = basis == subtract(end, start)
    found = []
    for region in regions:
        first, last = _within(region, start), _within(region, end)
        if first == last:
            continue
        if same:
            part = subtract(last, first)
        else:
            part = subtract(_share(basis, start, end, last), _share(basis, start, end, first))
        found.append(Slice(part, region.band, first, last))
    return found


def _within(region: Region, x: Decimal) -> Decimal:
    """The point of the stretch that is nearest to x."""
    if region.lower is not None and x < region.lower:
        return region.lower
    if region.upper is not None and x > region.upper:
        return region.upper
    return x


def _share(basis: Decimal, start: Decimal, end: Decimal, x: Decimal) -> Decimal:
    """The part of the basis up to x: basis × (x − start) ÷ (end − start), multiplied first."""
    if x == end:
        return basis
    return divide(multiply(basis, subtract(x, start)), subtract(end, start))
