"""PostGraphile's schema is made from the database: what it is asked there, and how its answers read in our words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.operations import Operation, Request, document_request


@dataclass(frozen=True)
class Dialect:
    """Documents by operation, and how one KPI reads in our words."""

    documents: Mapping[str, str]
    kpi: Callable[[Any], Any]
    tiny_kpi: Callable[[Any], Any]

    def request(self, operation: Operation, organization_id: int) -> Request | None:
        """The request for an operation of ours, None where there is none for it."""
        document = self.documents.get(operation.name)
        if document is None:
            return None
        by_id = {} if operation.writes else {"organization": str(organization_id)}
        return document_request(document, {**operation.variables, **by_id})

    def read(self, answer: Any) -> Any:
        """An answer of PostGraphile's as we would have given it."""
        data = answer["data"]
        if "recordObservations" in data:
            return {"data": {"recordObservations": data["recordObservations"]["result"]}}
        if "kpi" in data:
            return {"data": {"organization": {"kpi": self.tiny_kpi(data["kpi"])}}}
        nodes = [self.kpi(node) for node in data["kpis"]["nodes"]]
        return {"data": {"organization": {**data["organization"], "kpis": {"nodes": nodes}}}}


_BOARD: Final = """query Board($organization: BigInt!, $first: Int!) {
  organization: tenantByOrganizationId(organizationId: $organization) { slug name }
  kpis: %s(condition: { organizationId: $organization }, first: $first, orderBy: [KEY_ASC]) {
    nodes { key name %s }
  }
}"""
_TINY: Final = """query Tiny($organization: BigInt!, $key: String!) {
  kpi: %s(organizationId: $organization, key: $key) { key name %s }
}"""
_SERIES: Final = """query Series($organization: BigInt!, $key: String!, $from: Date!, $to: Date!) {
  kpi: measureByOrganizationIdAndKey(organizationId: $organization, key: $key) {
    key series(from: $from, to: $to) { periods values }
  }
}"""
_MUTATION: Final = """mutation Record($input: RecordObservationsInput!) {
  recordObservations(input: $input) { result { recorded corrected unchanged } }
}"""
_COLUMNS: Final = """currentText currentValue currentPeriod previousText previousValue previousPeriod
      targetText targetValue ownerTitle status colour attainment"""
_FIGURE: Final = "{ text value period }"
_PARTS: Final = (
    f"current {_FIGURE} previous {_FIGURE} target {{ text value }} owner {{ title }} "
    "verdict { status colour attainment }"
)


def _of_columns(node: Any) -> Any:
    return {
        "key": node["key"],
        "name": node["name"],
        "current": {"text": node["currentText"], "value": node["currentValue"], "period": node["currentPeriod"]},
        "previous": _unless_absent(
            {"text": node["previousText"], "value": node["previousValue"], "period": node["previousPeriod"]}, "text"
        ),
        "target": _unless_absent({"text": node["targetText"], "value": node["targetValue"]}, "text"),
        "owner": _unless_absent({"title": node["ownerTitle"]}, "title"),
        "status": node["status"],
        "colour": node["colour"],
        "attainment": node["attainment"],
    }


def _unless_absent(found: dict[str, Any], name: str) -> dict[str, Any] | None:
    return None if found[name] is None else found


def _of_parts(node: Any) -> Any:
    return {**{name: part for name, part in node.items() if name != "verdict"}, **node.get("verdict", {})}


def _tiny_of_columns(node: Any) -> Any:
    return {
        "key": node["key"],
        "name": node["name"],
        "current": {"value": node["currentValue"]},
        "status": node["status"],
    }


def _view(boards: str, tiny: str) -> Dialect:
    documents = {"board": _BOARD % (boards, _COLUMNS), "tiny": _TINY % (tiny, "currentValue status")}
    return Dialect(documents, _of_columns, _tiny_of_columns)


VIEW_NORMALISED: Final = _view("allBoardsNormaliseds", "tinyNormalisedByOrganizationIdAndKey")
VIEW_CURRENT: Final = _view("allBoardsCurrents", "tinyCurrentByOrganizationIdAndKey")
FUNCTIONS: Final = Dialect(
    {
        "board": _BOARD % ("allMeasures", _PARTS),
        "tiny": _TINY % ("measureByOrganizationIdAndKey", "current { value } verdict { status }"),
        "series": _SERIES,
        "mutation": _MUTATION,
    },
    _of_parts,
    _of_parts,
)
