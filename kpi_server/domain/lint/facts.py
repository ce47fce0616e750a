"""What an organization's documents state, as far as it can be checked against itself."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeVar

from kpi_server.domain.reconciliation.comparing import Reconciliation, binding
from kpi_server.domain.reconciliation.formulas import Formulas
from kpi_server.domain.reconciliation.statements import Place, StatedFigure, StatedKpi, StatedTarget
from kpi_server.domain.status import Colour
from kpi_server.domain.target import Operator

VALUE: Final = "VALUE"
"""The transform of an alert rule that compares the KPI's plain value."""

_Row = TypeVar("_Row")
_Label = TypeVar("_Label", bound=Hashable)


@dataclass(frozen=True)
class ListedRow:
    """A row in which a document lists a KPI; `alert` is what its alert column says, if it has one."""

    kpi: str
    name: str
    alert: str | None
    place: Place


@dataclass(frozen=True)
class StandingAlert:
    """An alert that a document shows as open, or as a good sign where `colour` is green or blue."""

    kpi: str | None
    name: str
    text: str
    colour: Colour | None
    place: Place


@dataclass(frozen=True, kw_only=True)
class StatedRule:
    """An alert rule; it fires where `value operator threshold`, after the transform."""

    kpi: str | None
    name: str
    condition: str
    place: Place
    transform: str = VALUE
    operator: Operator | None = None
    threshold: Decimal | None = None
    threshold_text: str | None = None


@dataclass(frozen=True, kw_only=True)
class StatedScore:
    """A printed score; `is_overall` for the whole organization, `is_department` for one of the parts."""

    name: str
    text: str
    value: Decimal | None
    place: Place
    is_overall: bool = False
    is_department: bool = False


@dataclass(frozen=True, kw_only=True)
class Framework:
    """Everything that is checked; lines and keys, not the order of these tuples, decide the order of findings."""

    kpis: Mapping[str, StatedKpi]
    figures: tuple[StatedFigure, ...] = ()
    targets: tuple[StatedTarget, ...] = ()
    rows: tuple[ListedRow, ...] = ()
    alerts: tuple[StandingAlert, ...] = ()
    rules: tuple[StatedRule, ...] = ()
    scores: tuple[StatedScore, ...] = ()
    computed: tuple[Reconciliation, ...] = ()
    formulas: Formulas = field(default_factory=lambda: Formulas(MappingProxyType({})))

    def target_of(self, kpi: str, document: str | None, *, segment: str = "") -> StatedTarget | None:
        """The target that counts for a KPI in one document; steps towards a target do not."""
        return binding(self._targets[kpi, document, segment])

    def figure_of(self, kpi: str, document: str | None, *, segment: str = "") -> StatedFigure | None:
        """The figure that counts for a KPI in one document."""
        return binding(self._figures[kpi, document, segment])

    def targets_in(self, row: int | None, *, segment: str) -> list[StatedTarget]:
        """The targets that a document's row prints for a segment; steps towards a target are left out."""
        return [] if row is None else self._rows[row, segment]

    @cached_property
    def _targets(self) -> defaultdict[tuple[str, str | None, str], list[StatedTarget]]:
        return _grouped(self._plain, lambda target: (target.kpi, target.place.document, target.segment))

    @cached_property
    def _figures(self) -> defaultdict[tuple[str, str | None, str], list[StatedFigure]]:
        return _grouped(self.figures, lambda figure: (figure.kpi, figure.place.document, figure.segment))

    @cached_property
    def _rows(self) -> defaultdict[tuple[int | None, str], list[StatedTarget]]:
        return _grouped(self._plain, lambda target: (target.row, target.segment))

    @cached_property
    def _plain(self) -> tuple[StatedTarget, ...]:
        return tuple(target for target in self.targets if not target.step)


def _grouped(rows: Iterable[_Row], label: Callable[[_Row], _Label]) -> defaultdict[_Label, list[_Row]]:
    groups: defaultdict[_Label, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[label(row)].append(row)
    return groups
