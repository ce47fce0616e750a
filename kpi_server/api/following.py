"""What a subscription and its root field tell each other, whatever is selected of the field."""

from dataclasses import dataclass

from kpi_server.store.heads import UNHEARD, Head


@dataclass(slots=True)
class Following:
    """Where a subscription is: the field reads on from `cursor`, or where its arguments say, and tells how far it came.

    A field that shows how things stand, and not what happened, tells no cursor; of it is known what had been heard of
    the organization when it was read (`seen`), and when that was by the loop's clock.
    """

    cursor: str | None = None
    organization_id: int | None = None
    number: int = 0
    is_caught_up: bool = True
    is_empty: bool = False
    has_moved: bool = True
    interval_s: float = 0.0
    seen: Head = UNHEARD
    read_at: float = 0.0

    def watched(self, organization_id: int, *, interval_s: float) -> None:
        """Tell that it is to be shown again when the organization has moved on, no oftener than that."""
        self.organization_id, self.interval_s = organization_id, interval_s

    def came_to(self, cursor: str, *, organization_id: int, number: int, is_caught_up: bool, is_empty: bool) -> None:
        """Tell that everything up to this cursor was read: all that happened up to a number, if it is caught up."""
        self.has_moved = cursor != self.cursor
        self.cursor, self.organization_id, self.number = cursor, organization_id, number
        self.is_caught_up, self.is_empty = is_caught_up, is_empty
