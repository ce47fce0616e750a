"""Boolean trees of conditions: the input that a declaration makes, and the conditions that one asks for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.lists.columns import Column, Question
from kpi_server.api.lists.operators import given, operator_condition
from kpi_server.errors import BadInput
from kpi_server.store.reads.clauses import Clauses

DEEPEST: Final = 10
"""So many filters may lie inside one another."""
MOST_CONDITIONS: Final = 100
"""So many conditions may one filter hold in all."""
MOST_PROBLEMS: Final = 10


def filter_type(name: str, columns: Sequence[Column], questions: Sequence[Question]) -> Any:
    """The input `<Name>Filter`: each column with its operators, each question, and `and`, `or`, `not`."""
    cls: Any = type(f"{name}Filter", (), {"__doc__": None})
    members = {
        **{column.name: (column.operators, column.description, None) for column in columns},
        **{question.name: (question.type, question.description, None) for question in questions},
        "and_": (list[cls], "All of these hold; of none, every row.", "and"),
        "or_": (list[cls], "At least one of these holds; of none, no row.", "or"),
        "not_": (cls, "This does not hold.", "not"),
    }
    cls.__annotations__ = {attribute: kind | None for attribute, (kind, _, _) in members.items()}
    for attribute, (_, description, spelt) in members.items():
        setattr(cls, attribute, strawberry.field(default=None, description=description, name=spelt))
    return strawberry.input(cls, description="Which are wanted; everything given must hold, and {} holds for all.")


def add_conditions(
    clauses: Clauses,
    wanted: object | None,
    *,
    columns: Sequence[Column],
    questions: Sequence[Question],
    organization_id: int,
) -> None:
    """Add what a filter asks for.

    Raises:
        BadInput: the filter is too deep or too large, or a value cannot be accepted; everything wrong is named.
    """
    if wanted is None:
        return
    tree = Tree(
        {column.name: column for column in columns},
        {question.name: question for question in questions},
        organization_id,
        clauses,
    )
    conditions = tree.conditions(wanted, "filter", depth=1)
    if tree.problems:
        raise BadInput("; ".join(tree.problems))
    clauses.conditions.extend(conditions)


@dataclass
class Tree:
    """A filter on its way to SQL: what it has bound, how much it has asked for, and what is wrong with it."""

    columns: dict[str, Column]
    questions: dict[str, Question]
    organization_id: int
    clauses: Clauses
    asked: int = 0
    problems: list[str] = field(default_factory=list)

    def conditions(self, wanted: object, place: str, *, depth: int) -> list[str]:
        """The conditions of one filter of the tree, all of which must hold."""
        if depth > DEEPEST:
            self._complain(f"`filter` has more than {DEEPEST} filters inside one another")
            return []
        return list(self._members(wanted, place, depth))

    def _members(self, wanted: object, place: str, depth: int) -> Iterator[str]:
        for name, spelt, value in given(wanted):
            inside = f"{place}.{spelt}"
            match name:
                case "and_" | "or_":
                    yield _joined(self._each(value, inside, depth), name.removesuffix("_"))
                case "not_":
                    yield f"(not {_joined(self.conditions(value, inside, depth=depth + 1), 'and')})"
                case _ if name in self.columns:
                    yield from self._compared(self.columns[name], value, inside)
                case _:
                    yield from self._counted(partial(self._answered, self.questions[name], value, inside))

    def _each(self, filters: Sequence[object], place: str, depth: int) -> list[str]:
        return [
            _joined(self.conditions(one, f"{place}[{index}]", depth=depth + 1), "and")
            for index, one in enumerate(filters)
            if len(self.problems) < MOST_PROBLEMS
        ]

    def _compared(self, column: Column, wanted: object, place: str) -> Iterator[str]:
        for operator, spelt, value in given(wanted):
            asking = partial(operator_condition, self.clauses, operator, value, sql=column.sql, kind=column.kind)
            yield from self._counted(partial(asking, place=f"{place}.{spelt}"))

    def _answered(self, question: Question, value: Any, place: str) -> str:
        asked = checked(value, place) if isinstance(value, str) else value
        return question.asking(self.clauses, asked, self.organization_id)

    def _counted(self, asking: Callable[[], str]) -> list[str]:
        """One more condition, unless there are too many or it cannot be had: then that is noted."""
        self.asked += 1
        if self.asked > MOST_CONDITIONS:
            self._complain(f"`filter` has more than {MOST_CONDITIONS} conditions")
            return []
        try:
            return [f"({asking()})"]
        except BadInput as error:
            self._complain(error.message)
            return []

    def _complain(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _joined(conditions: Sequence[str], word: str) -> str:
    """All or one of some conditions; of none, what holds of none."""
    if not conditions:
        return "true" if word == "and" else "false"
    return f"({f' {word} '.join(conditions)})"
