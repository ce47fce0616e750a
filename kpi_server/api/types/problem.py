"""What is wrong with what a mutation was given: data of its answer, not an error of the request."""

from typing import Final

import strawberry

from kpi_server.domain.recording import Fault


@strawberry.interface(description="Something that the caller can mend.")
class UserError:
    code: str = strawberry.field(description="The kind of mistake: a code of docs/errors.md.")
    message: str = strawberry.field(description="What is wrong and what to do about it.")
    path: list[str] = strawberry.field(
        description='Where it is in the arguments: ["input", "observations", "3", "kpi"].'
    )


@strawberry.type(description="What is wrong with one of the observations that were sent.")
class ObservationError(UserError):
    index: int = strawberry.field(description="Its place among them, from 0.")

    @classmethod
    def of(cls, fault: Fault) -> "ObservationError":
        path = ["input", "observations", str(fault.index), fault.field]
        return cls(code=fault.code, message=fault.message, path=path, index=fault.index)


@strawberry.type(description="What is wrong with one of the events that were sent.")
class EventError(UserError):
    index: int = strawberry.field(description="Its place among them, from 0.")

    @classmethod
    def of(cls, fault: Fault) -> "EventError":
        path = ["input", "events", str(fault.index), fault.field]
        return cls(code=fault.code, message=fault.message, path=path, index=fault.index)


@strawberry.type(description="What is wrong with one of the periods that were named.")
class PeriodError(UserError):
    index: int = strawberry.field(description="Its place among them, from 0.")

    @classmethod
    def of(cls, fault: Fault) -> "PeriodError":
        path = ["input", "periods", str(fault.index)]
        return cls(code=fault.code, message=fault.message, path=path, index=fault.index)


ITEM_ERRORS: Final = (ObservationError, EventError, PeriodError)
"""What is wrong with one of several: types that nothing but their interface refers to."""
