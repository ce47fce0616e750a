"""docs/catalog.md: its catalog loads, its examples are understood, and it leaves no kind and no field out."""

import re
from decimal import Decimal

import pytest

from kpi_server.domain.direction import Direction
from kpi_server.domain.figure import parse_figure
from kpi_server.domain.target import parse_target
from kpi_server.domain.trend import parse_trend
from kpi_server.domain.unit import fix, parse_unit
from kpi_server.errors import CatalogError, FigureError
from kpi_server.registry import build as build_registry
from kpi_server.services.catalog.building import build
from kpi_server.services.catalog.reading import ROW_CLASSES, read_folder
from kpi_server.services.catalog.rows import Cell, Organization


@pytest.fixture(scope="session")
def page(repository):
    return (repository / "docs" / "catalog.md").read_text(encoding="utf-8")


@pytest.fixture
def bakery(page, tmp_path):
    """The page's own catalog, written as the page says."""
    for block in re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        file = tmp_path / re.match(r"# (\S+)", block)[1]
        file.parent.mkdir(exist_ok=True)
        file.write_text(block, encoding="utf-8")
    return tmp_path / "corner-bakery"


def test_pages_catalog_is_complete(bakery):
    tables = build(read_folder(bakery), build_registry([])).tables
    counts = {table: len(tables[table]) for table in ("kpis", "kpi_rows", "reported_figures", "targets", "risks")}
    assert counts == {"kpis": 4, "kpi_rows": 3, "reported_figures": 3, "targets": 6, "risks": 1}


def test_pages_fault_is_reported_as_the_page_prints_it(page, bakery):
    file = bakery / "review.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("name: Waste, owner: baker", "name: Waste, owner: bakr"), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        build(read_folder(bakery), build_registry([]))
    (problem,) = caught.value.problems
    assert str(problem) in page


def _fields():
    yield from (("organization", name) for name in Organization.model_fields)
    yield from ((kind, name) for kind, model in ROW_CLASSES.items() for name in model.model_fields)
    yield from (("A cell", name) for name in Cell.model_fields)


def test_reference_names_every_kind_and_field_and_which_are_required(page):
    models = {"organization": Organization, "A cell": Cell, **ROW_CLASSES}
    sections = {
        title.strip("`"): body
        for title, body in re.findall(r"^### (\S.*?)\n(.*?)(?=^### |\Z)", page, re.DOTALL | re.MULTILINE)
    }
    for kind, name in _fields():
        if name == "source" and kind != "A cell":
            continue
        star = "\\*" if models[kind].model_fields[name].is_required() else ""
        assert f"| `{name}`{star} |" in sections[kind], (kind, name)


def test_every_example_in_the_table_of_units_is_read_in_that_unit(page):
    table = page.partition("| Unit | Holds | Printed as |")[2].partition("\n\n")[0]
    rows = [row.split("|") for row in table.splitlines()[2:]]
    assert len(rows) == 10
    for _, first, _, last, _ in rows:
        units, figures = re.findall(r"`([^`]+)`", first), re.findall(r"`([^`]+)`", last)
        kinds = [_fixed(unit) for unit in units if re.match(r"[A-Z]+", unit)]
        for figure in figures:
            assert any(_is_read(figure, unit) for unit in kinds), (figure, units)


def _fixed(unit):
    currency = "USD" if unit == "MONEY" else "EUR"
    return fix(parse_unit(unit), currency=currency, scale=(Decimal(0), Decimal(5)) if unit == "SCORE" else None)


def _is_read(figure, unit):
    try:
        return parse_figure(figure, unit).text == figure
    except FigureError:
        return False


TARGETS = [
    ("<2.5%", "RATIO"), ("> 5:1", "MULTIPLE"), (">= 80", "COUNT"), ("75+", "POINTS"), ("at least 80", "COUNT"),
    ("up to 5 days", "DURATION"), ("> 3x Customer Acquisition Cost", "MONEY(EUR)"),
]  # fmt: skip
TRENDS = [
    ("+25% MoM", "COUNT"), ("-3 days MoM", "DURATION"), ("+$500", "MONEY(USD)"), ("+3 points QoQ", "POINTS"),
    ("Improving", "COUNT"), ("Consistent with previous quarter", "COUNT"),
    ("Improved from 35 minutes last quarter", "DURATION"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unit"), TARGETS)
def test_targets_that_the_page_shows_are_read(page, text, unit):
    assert f"`{text}`" in page
    assert parse_target(text, parse_unit(unit), Direction.UP).text == text


@pytest.mark.parametrize(("text", "unit"), TRENDS)
def test_trends_that_the_page_shows_are_read(page, text, unit):
    assert f"`{text}`" in " ".join(page.split())
    assert parse_trend(text, parse_unit(unit)).text == text
