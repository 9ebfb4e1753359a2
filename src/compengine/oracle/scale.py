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
    """The parts of a basis; `day` is the earning's date."""
    start, end, per = _positions(scale, scene)
    if scale.whole:
        band = _whole_band(scale, scene, day, end, per)
        return [_shown(Slice(basis, band, start, end), per)]
    regions = _regions(scale, per)
    if any(band.whole for band in scale.bands):
        regions = _merged(scale, regions, scene, day, end, per)
    if start == end:
        return [_shown(Slice(basis, _standing(regions, scale, start).band, start, end), per)]
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


def _whole_band(scale: Scale, scene: Scene, day: date, end: Decimal, per: Decimal | None) -> Band:
    latest, latest_per = _latest(scale, scene, day, end, per)
    return _standing(_regions(scale, latest_per), scale, latest).band


def _merged(
    scale: Scale, regions: list[Region], scene: Scene, day: date, end: Decimal, per: Decimal | None
) -> list[Region]:
    """Mixed: the highest `whole` band that the latest position has reached rates everything below its upper end."""
    latest, latest_per = _latest(scale, scene, day, end, per)
    reached = [
        place
        for place, band in enumerate(scale.bands)
        if band.whole and _reached(latest, _bound(band, latest_per), scale.boundary_upper or place == 0)
    ]
    if not reached:
        return regions
    highest = max(reached)
    return [Region(None, regions[highest].upper, scale.bands[highest]), *regions[highest + 1 :]]


def _reached(position: Decimal, bound: Decimal, inclusive: bool) -> bool:
    return position >= bound if inclusive else position > bound


# --- marginal


def _regions(scale: Scale, per: Decimal | None) -> list[Region]:
    """The bands as stretches; below the first bound the first band goes on."""
    bounds = [_bound(band, per) for band in scale.bands]
    ends: list[Decimal | None] = [None, *bounds[1:], None]
    return [Region(lower, upper, band) for (lower, upper), band in zip(pairwise(ends), scale.bands, strict=True)]


def _standing(regions: list[Region], scale: Scale, position: Decimal) -> Region:
    """The stretch a position stands in: exactly on a bound, the one it opens, or with `lower` the one it closes."""
    for region in reversed(regions):
        if region.lower is None or _reached(position, region.lower, scale.boundary_upper):
            return region
    return regions[0]


def _cut(regions: list[Region], basis: Decimal, start: Decimal, end: Decimal) -> list[Slice]:
    """The basis divided at the bounds between start and end, in the direction of the movement."""
    same = basis == subtract(end, start)
    found = []
    for region in regions if end > start else regions[::-1]:
        if end > start:
            first = start if region.lower is None else max(region.lower, start)
            last = end if region.upper is None else min(region.upper, end)
            empty = first >= last
        else:
            first = start if region.upper is None else min(region.upper, start)
            last = end if region.lower is None else max(region.lower, end)
            empty = first <= last
        if empty:
            continue
        if same:
            part = subtract(last, first)
        else:
            part = subtract(_share(basis, start, end, last), _share(basis, start, end, first))
        found.append(Slice(part, region.band, first, last))
    return found


def _share(basis: Decimal, start: Decimal, end: Decimal, x: Decimal) -> Decimal:
    """The part of the basis up to x: basis × (x − start) ÷ (end − start), multiplied first."""
    if x == end:
        return basis
    return divide(multiply(basis, subtract(x, start)), subtract(end, start))
