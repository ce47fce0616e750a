"""One GraphQL request from document and variables to an answer: checked first, then run in one snapshot."""

from asyncio import Lock, timeout
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from typing import Any, Final, TypeAlias, cast

import strawberry
from graphql import ExecutionResult, GraphQLSchema, execute

from kpi_server.api.answer import Answer, Caching, Outcome
from kpi_server.api.as_of import Asked as AskedPast
from kpi_server.api.as_of import PastConnection, asked_past
from kpi_server.api.context import Context
from kpi_server.api.documents import RequestRefused
from kpi_server.api.errors import Code, error_entry, field_errors, masked
from kpi_server.api.execution.objects import NeedsSnapshot
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.running import PlannedRun
from kpi_server.api.following import Following
from kpi_server.api.graph import build_graph
from kpi_server.api.live.beginning import Live
from kpi_server.api.live.pages import Page
from kpi_server.api.live.reading import Reader
from kpi_server.api.live.streams import Asked, AtOnce, Authorize, Stream
from kpi_server.api.operations import Operation, Operations, QueriesOnly
from kpi_server.api.patience import Patience, PatienceExhausted
from kpi_server.api.responses import Responses, Stamp, tag_of
from kpi_server.api.sharing import Sharing
from kpi_server.api.time_limit import TimeLimit
from kpi_server.api.work import Glance, Work, snapshot
from kpi_server.domain.access import Scope
from kpi_server.errors import BadInput
from kpi_server.registry import Registry
from kpi_server.services.past import Past, enter_past
from kpi_server.settings import Settings
from kpi_server.store.database import Database
from kpi_server.store.sql import statement

MOST_MEMORIES: Final = 1_000  # some kilobytes each
_STREAMED: Final = (
    "A subscription is answered by a stream: send it over a WebSocket that speaks graphql-transport-ws, "
    "or in a request that accepts text/event-stream."
)
_OUTCOMES = {
    Code.TIMEOUT: Outcome.TIMEOUT,
    Code.UNAVAILABLE: Outcome.UNAVAILABLE,
    Code.INTERNAL_ERROR: Outcome.FAILED,
}


Clock: TypeAlias = Callable[[], datetime]


def current_moment() -> datetime:
    """Now."""
    return datetime.now(UTC)


class Executor:
    """Executes documents on one schema and one database."""

    def __init__(
        self,
        schema: strawberry.Schema,
        registry: Registry,
        database: Database,
        settings: Settings,
        clock: Clock = current_moment,
    ) -> None:
        self._clock = clock
        self._schema = core_schema(schema)
        self._registry = registry
        self._database = database
        self._settings = settings
        self._patience = Patience()
        self._time_limit = TimeLimit(settings.request_timeout_s)
        self._feed_kept = timedelta(days=settings.feed_retention_days)
        self._graph = build_graph(schema)
        self._operations = Operations(self._graph, settings)
        self._responses = Responses(settings.response_cache_bytes)
        self._live = Live(settings.response_cache_bytes, clock)
        self._stamps: Sharing[Stamp] = Sharing()
        self._memories: OrderedDict[Hashable, dict[Any, Any]] = OrderedDict()

    async def execute(
        self,
        scope: Scope,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        allow_mutation: bool = True,
        request_id: str | None = None,
        caching: Caching | None = None,
    ) -> Answer:
        """The answer to one request of a principal; whatever goes wrong is in it."""
        operation = await self._admitted(document, variables, operation_name, allow_mutation=allow_mutation)
        if isinstance(operation, Answer):
            return operation
        extensions = self._extensions(operation)
        if operation.is_subscription:
            return Answer({"errors": [error_entry(Code.NOT_ACCEPTABLE, _STREAMED)]}, Outcome.STREAMS_ONLY)
        try:
            past = asked_past(operation, self._schema)
        except BadInput as error:
            errors = [error_entry(Code.BAD_USER_INPUT, error.message)]
            return Answer({"errors": errors, "extensions": extensions}, Outcome.REQUEST_ERROR)
        work = Work(scope, operation, extensions, request_id, past)
        return await self._in_time(work, self._answering(work, caching))

    async def _in_time(self, work: Work, answering: Awaitable[Answer]) -> Answer:
        """The answer, or one that says that it took too long or what went wrong."""
        block = self._time_limit.block()
        try:
            with block:
                return await answering
        except Exception as error:  # the API's edge: nothing unexpected leaves it unmasked
            cause = PatienceExhausted("the request's time is over") if block.is_over else error
            answer = failure(masked(cause, request_id=work.request_id))
            if work.extensions:
                answer.payload = {**answer.payload, "extensions": work.extensions}
            return answer

    async def is_subscription(self, document: str, operation_name: str | None = None) -> bool:
        """Whether the operation is one to subscribe to; False for what `execute` refuses."""
        try:
            await self._operations.read(document)
            return self._operations.is_subscription(document, operation_name)
        except RequestRefused:
            return False

    async def subscribe(
        self,
        authorize: Authorize,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        request_id: str | None = None,
        at_once: AtOnce | None = None,
    ) -> Answer | Stream:
        """The stream of a subscription's responses, or the answer that says why there is none.

        `authorize` is asked before every page for what the caller may see then. A query or a mutation is answered.
        What `at_once` sends while the stream is waited for, the stream does not tell.

        Raises:
            Unauthenticated: by `authorize`; the stream raises it as well.
        """
        operation = await self._admitted(document, variables, operation_name, allow_mutation=True)
        if isinstance(operation, Answer):
            return operation
        if not operation.is_subscription:
            return await self.execute(await authorize(), document, variables, operation_name, request_id=request_id)

        async def read(scope: Scope, following: Following) -> Page:
            return await self._page(Work(scope, operation, {}, request_id, following=following))

        asked = Asked(operation.followed, authorize, Reader(self._database.heads, read), at_once)
        begun = await self._live.begun(asked, question=operation.question)
        if not isinstance(begun, Page):
            return begun
        outcome = _OUTCOMES.get(begun.failure or Code.INTERNAL_ERROR, Outcome.REQUEST_ERROR)
        return Answer({"errors": begun.errors, "extensions": self._extensions(operation)}, outcome)

    async def _page(self, work: Work) -> Page:
        """One response of a subscription."""
        following = cast(Following, work.following)
        answer = await self._in_time(work, self._fresh(work))
        errors = answer.payload.get("errors", ())
        failed = Code(errors[0]["extensions"]["code"]) if answer.payload.get("data") is None else None
        return Page(answer.body, following, errors, failed)

    async def _admitted(
        self, document: str, variables: Mapping[str, Any] | None, name: str | None, *, allow_mutation: bool
    ) -> Operation | Answer:
        """The operation, if it is valid, of the right kind and not too expensive; else the answer that says why not."""
        try:
            await self._operations.read(document)
            operation = self._operations.of(document, variables or {}, name, allow_mutation=allow_mutation)
        except RequestRefused as refused:
            outcome = _OUTCOMES.get(refused.errors[0]["extensions"]["code"], Outcome.REQUEST_ERROR)
            return Answer({"errors": refused.errors}, outcome)
        except QueriesOnly:
            errors = [error_entry(Code.METHOD_NOT_ALLOWED, "GET is for queries: send this operation by POST.")]
            return Answer({"errors": errors}, Outcome.QUERIES_ONLY)
        limit = self._operations.limits.cost
        if operation.cost > limit:
            message = f"The operation may ask for {operation.cost} objects; {limit} are allowed."
            errors = [error_entry(Code.LIMIT_EXCEEDED, message)]
            return Answer({"errors": errors, "extensions": self._extensions(operation)}, Outcome.REQUEST_ERROR)
        return operation

    def _extensions(self, operation: Operation) -> dict[str, Any]:
        return {"cost": {"requested": operation.cost, "limit": self._operations.limits.cost}}

    def _answering(self, work: Work, caching: Caching | None) -> Awaitable[Answer]:
        """The answer: one that is kept where that may be, or else a fresh one."""
        question = (*work.operation.question, work.scope.digest)
        can_be_kept = work.operation.can_be_kept and work.past is None
        if can_be_kept and (self._responses.is_repeated(question) or caching):
            return self._kept(work, question, caching)
        return self._fresh(work)

    async def _kept(self, work: Work, question: tuple[object, ...], caching: Caching | None) -> Answer:
        """The answer that is kept, or the one that is kept from now on."""
        stamp = await self._stamp(work)
        tag = tag_of(question, stamp, self._registry.digest) if caching else None
        if caching and tag in caching.known_tags:
            return Answer({}, Outcome.NOT_MODIFIED, tag=tag)
        answer = Answer({}, Outcome.EXECUTED, self._responses.body(question, stamp), tag)
        if answer.kept is None:
            fresh = await self._fresh(work)
            if "errors" in fresh.payload:
                return fresh
            answer = Answer(fresh.payload, fresh.outcome, fresh.body, tag)
            self._responses.keep(question, stamp, fresh.body)
        if caching and caching.knows_any:
            return Answer({}, Outcome.NOT_MODIFIED, tag=tag)
        return answer

    async def _stamp(self, work: Work) -> Stamp:
        """What the answer depends on now. It is read first: what is kept may be newer than its stamp, never older.

        Requests that arrive while one is being read share the next: it is read after the last of them has come.
        """
        touched, shown = self._touched(work), self._glance(work.scope)

        async def read() -> Stamp:
            async with timeout(self._settings.request_timeout_s):
                return tuple(map(tuple, await shown.fetch(statement("versions"), sorted(touched), self._clock())))

        return await self._stamps.answer((touched, work.scope.organization_ids), read)

    def _touched(self, work: Work) -> frozenset[int]:
        """The organizations that an answer may show anything of."""
        plan = work.operation.plan
        root = None if plan is None else plan.root
        if root is None:
            return work.scope.organization_ids
        run = self._run_of(self._context(work.scope, None, turns=None), work.operation)
        return frozenset({key} if (key := root.key(run)) is not None else ())

    async def _fresh(self, work: Work) -> Answer:
        try:
            result = await self._run(work)
        except BadInput as error:  # there is no such moment
            errors = [error_entry(Code.BAD_USER_INPUT, error.message)]
            return Answer({"errors": errors, "extensions": work.extensions}, Outcome.REQUEST_ERROR)
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload = {"errors": field_errors(result.errors, request_id=work.request_id), **payload}
        if work.extensions:
            payload = {**payload, "extensions": work.extensions}
        return Answer(payload, Outcome.EXECUTED)

    async def _run(self, work: Work) -> ExecutionResult:
        scope, operation, past = work.scope, work.operation, work.past
        if past is not None:
            return await self._patience.within(self._settings.request_timeout_s, self._in_past(scope, operation, past))
        if operation.plan is not None and operation.plan.is_one_statement:
            context = self._context(scope, self._glance(scope), work.following, turns=None)
            try:
                return await self._planned(context, operation, operation.plan)
            except NeedsSnapshot:
                pass
        # Resolvers are anybody's, and a write waits for others: the caller goes on in time, whatever they do.
        return await self._patience.within(self._settings.request_timeout_s, self._in_snapshot(work))

    def _glance(self, scope: Scope) -> Glance:
        return Glance(self._database, scope.organization_ids, self._settings.statement_timeout_s)

    async def _in_snapshot(self, work: Work) -> ExecutionResult:
        operation, patience = work.operation, self._settings.statement_timeout_s
        async with snapshot(self._database, work, statement_timeout_s=patience) as connection:
            context = self._context(work.scope, connection, work.following, turns=Lock())
            if operation.plan is not None:
                return await self._planned(context, operation, operation.plan, has_snapshot=True)
            return await self._interpreted(context, operation)

    async def _in_past(self, scope: Scope, operation: Operation, asked: AskedPast) -> ExecutionResult:
        """As it was then; an organization that the caller may not see is null then as it is today."""
        grant = scope.grant(asked.slug)
        ids = [] if grant is None else [grant.organization_id]
        async with self._database.read(ids, statement_timeout_s=self._settings.statement_timeout_s) as connection:
            context = self._context(scope, PastConnection(connection), turns=Lock())
            context.past = Past(0, context.now)
            if grant is not None:
                context.past = await enter_past(connection.fetch, grant.organization_id, asked.when)
                context.now = asked.when.time or context.past.recorded_at
            if operation.plan is not None:
                return await self._planned(context, operation, operation.plan, has_snapshot=True)
            return await self._interpreted(context, operation)

    def _context(
        self, scope: Scope, connection: Any, following: Following | None = None, *, turns: Lock | None
    ) -> Context:
        return Context(
            scope=scope,
            connection=connection,
            registry=self._registry,
            now=self._clock(),
            database=self._database,
            statement_timeout_s=self._settings.statement_timeout_s,
            feed_kept=self._feed_kept,
            following=following,
            turns=turns,
        )

    def _run_of(self, context: Context, operation: Operation, *, has_snapshot: bool = False) -> PlannedRun:
        return PlannedRun(
            self._graph,
            operation.node,
            operation.prepared.plans.fragments,
            operation.values,
            context,
            has_snapshot=has_snapshot,
            suggestions=self._settings.suggestions,
            memory=self._memory(operation, context.scope),
        )

    def _memory(self, operation: Operation, scope: Scope) -> dict[Any, Any]:
        """What was found out for who asks the same with the same rights; forgotten when others have asked since."""
        question = (*operation.question, scope.digest)
        memory = self._memories.get(question)
        if memory is None:
            memory = self._memories[question] = {}
            if len(self._memories) > MOST_MEMORIES:
                self._memories.popitem(last=False)
        else:
            self._memories.move_to_end(question)
        return memory

    async def _planned(
        self, context: Context, operation: Operation, plan: Plan, *, has_snapshot: bool = False
    ) -> ExecutionResult:
        run = self._run_of(context, operation, has_snapshot=has_snapshot)
        data = await run.data(plan)
        return ExecutionResult(data, run.errors)

    async def _interpreted(self, context: Context, operation: Operation) -> ExecutionResult:
        """As graphql-core does it: what is not planned."""
        result = execute(
            self._schema,
            operation.prepared.document,
            context_value=context,
            variable_values=dict(operation.variables),
            operation_name=operation.name,
            hide_suggestions=not self._settings.suggestions,
        )
        return await result if isawaitable(result) else result


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema inside a Strawberry schema; Strawberry's own `execute` parses and validates each time."""
    return schema._schema


def failure(entry: dict[str, Any]) -> Answer:
    """The answer to a request that a masked error ended."""
    outcome = _OUTCOMES.get(entry["extensions"]["code"], Outcome.FAILED)
    return Answer({"errors": [entry]}, outcome)
