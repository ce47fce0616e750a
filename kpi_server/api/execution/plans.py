"""The plans of one document, each made when it is first asked for and kept with the document."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode

from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.planning import Plan, Planner, Unplanned
from kpi_server.api.execution.selecting import deciding

_REMEMBERED: Final = 16  # a plan for each way in which directives may decide


class Plans:
    """Plans by operation and by the variables that its directives read."""

    def __init__(self, graph: Graph, document: DocumentNode) -> None:
        self._graph = graph
        self._document = document
        self._deciding = deciding(document)
        self._known: dict[tuple[object, ...], Plan | Unplanned] = {}
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def of(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> Plan | Unplanned:
        """The plan of an operation with coerced variables, or why it has none."""
        decided = {name: variables[name] for name in self._deciding if name in variables}
        key = (operation.name.value if operation.name else None, *decided.values())
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._made(operation, decided)
        return self._known[key]

    def _made(self, operation: OperationDefinitionNode, decided: Mapping[str, Any]) -> Plan | Unplanned:
        try:
            return Planner(self._graph, self.fragments, decided).plan(operation)
        except Unplanned as reason:
            return reason
