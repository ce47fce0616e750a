"""What a caller sees of an error: what can be mended as it is, everything else masked behind an id that the log has."""

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from graphql import FieldNode, GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from kpi_server.api.patience import PatienceExhausted
from kpi_server.errors import PostgresUnavailable, UserError
from kpi_server.store.failures import Failure, failure_of

LOG = logging.getLogger("kpi_server.api")

_LONGEST_MESSAGE = 500  # graphql-core quotes what it refuses, however much that is
_COERCION_DETAIL = ", but encountered error '"  # what graphql-core puts before the text of a scalar's exception


class Code(StrEnum):
    """Every `extensions.code` there is; docs/errors.md says what each asks of the caller."""

    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    RATE_LIMITED = "RATE_LIMITED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILED = "OPERATION_RESOLUTION_FAILED"
    DOCUMENT_NOT_FOUND = "DOCUMENT_NOT_FOUND"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    TRUSTED_DOCUMENTS_ONLY = "TRUSTED_DOCUMENTS_ONLY"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BAD_FIGURE = "BAD_FIGURE"
    BAD_CATALOG = "BAD_CATALOG"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    AMBIGUOUS = "AMBIGUOUS"
    CONFLICT = "CONFLICT"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


CODES = frozenset(str(code) for code in Code)

_MASKED_MESSAGES: Mapping[Code, str] = {
    Code.UNAVAILABLE: "The database does not answer at the moment; ask again later.",
    Code.TIMEOUT: "The operation took too long and was stopped; ask for less at once.",
    Code.INTERNAL_ERROR: "Something went wrong on the server.",
}


def error_entry(code: Code, message: str) -> dict[str, Any]:
    """One entry of `errors` for a request that never became an operation."""
    return {"message": _shortened(message), "extensions": {"code": str(code)}}


def request_errors(errors: Sequence[GraphQLError], code: Code) -> list[dict[str, Any]]:
    """The entries for errors found before execution; they are about the caller's own document and values."""
    return [{**_formatted(error), "message": _message(error), "extensions": {"code": str(code)}} for error in errors]


def field_errors(errors: Sequence[GraphQLError], *, request_id: str | None) -> list[dict[str, Any]]:
    """The entries for errors met while the operation ran."""
    return [_field_error(error, request_id) for error in errors]


def masked(error: BaseException, *, request_id: str | None, path: Sequence[str | int] = ()) -> dict[str, Any]:
    """An entry that says nothing of the error but an id; the log has the id, the request and the traceback."""
    code = code_of(error)
    error_id = secrets.token_hex(8)
    place = ".".join(str(step) for step in path)
    LOG.error(
        "%s error %s%s: %s",
        code,
        error_id,
        f" at {place}" if place else "",
        type(error).__name__,
        exc_info=(type(error), error, error.__traceback__),
        extra={"error_id": error_id, "code": str(code), "path": place, "request_id": request_id},
    )
    return {"message": _MASKED_MESSAGES[code], "extensions": {"code": str(code), "id": error_id}}


def code_of(error: BaseException) -> Code:
    """The code under which an unexpected error is masked."""
    if isinstance(error, PatienceExhausted):
        return Code.TIMEOUT
    if isinstance(error, PostgresUnavailable):
        return Code.UNAVAILABLE
    match failure_of(error):
        case Failure.UNAVAILABLE:
            return Code.UNAVAILABLE
        case Failure.TIMEOUT:
            return Code.TIMEOUT
        case None:
            return Code.INTERNAL_ERROR


def _field_error(error: GraphQLError, request_id: str | None) -> dict[str, Any]:
    root = _root(error)
    cause = root.original_error
    if isinstance(cause, UserError) and cause.code in CODES:
        return {**_formatted(error), "message": _shortened(cause.message), "extensions": {"code": cause.code}}
    code = (root.extensions or {}).get("code")
    if cause is None and code in CODES:
        return {**_formatted(error), "message": root.message, "extensions": {"code": code}}
    if _is_argument(root) or isinstance(root, StrawberryInputCoercionError):
        return {**_formatted(error), "message": _message(error), "extensions": {"code": str(Code.BAD_USER_INPUT)}}
    return {**_formatted(error), **masked(cause or root, request_id=request_id, path=error.path or ())}


def _root(error: GraphQLError) -> GraphQLError:
    """The innermost GraphQL error: located errors wrap the one that was raised."""
    while isinstance(error.original_error, GraphQLError):
        error = error.original_error
    return error


def _is_argument(error: GraphQLError) -> bool:
    """Whether graphql-core refused an argument, and not what a resolver returned.

    A refused argument is located at its value; whatever comes out of a resolver at the field, or nowhere yet.
    """
    return bool(error.nodes) and not any(isinstance(node, FieldNode) for node in error.nodes or ())


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """Where it happened."""
    return {key: value for key, value in error.formatted.items() if key in ("locations", "path")}


def _message(error: GraphQLError) -> str:
    """The message, with the words of a scalar's own exception only if they are meant for the caller."""
    before, detail, _ = error.message.partition(_COERCION_DETAIL)
    if not detail:
        return _shortened(error.message)
    meant = next((cause.message for cause in _causes(error) if isinstance(cause, UserError)), None)
    return _shortened(f"{before}: {meant.rstrip('.')}." if meant else f"{before}.")


def _shortened(message: str) -> str:
    """The message as it can be sent: a text of the caller's that it quotes may hold half a character."""
    sendable = message.encode(errors="replace").decode()
    return sendable if len(sendable) <= _LONGEST_MESSAGE else sendable[: _LONGEST_MESSAGE - 1] + "…"


def _causes(error: GraphQLError) -> Iterator[BaseException]:
    cause = error.original_error
    while cause is not None:
        yield cause
        cause = cause.original_error if isinstance(cause, GraphQLError) else None
