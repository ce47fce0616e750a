# ruff: noqa: E501 — a message is compared as a whole, and a case reads best on one line
"""Everything that can be wrong with a catalog is reported at once, with file, line and field."""

import pytest

from kpi_server.errors import CatalogError
from kpi_server.services.catalog.building import build
from kpi_server.services.catalog.reading import read_folder

ROW = 'kpi_rows: [{kpi: custom.loaves, source: "menu:9", name: Loaves, %s}]'

SHAPES = [
    ("kpis: 5", ':1: kpis: expected a list of rows'),
    ("- a", ":1: a catalog file is a mapping from a kind to its rows"),
    ("kpi: []", ':1: kpi: there is no kind of row "kpi"; did you mean kpis?'),
    ("owners: [{key: a", ":1: not YAML: did not find expected ',' or '}'"),
    ("owners: [5]", ":1: expected a row: fields with their values ({key: …, source: …})"),
    ("owners: 5", ":1: owners: expected a list of rows"),
    ('owners: [{key: a, source: "menu:1"}]', ":1: title: is required"),
    ('owners: [{key: a, source: "menu:1", title: 70}]', ':1: title: expected text: write numbers in quotes ("70")'),
    ('owners: [{key: a, source: "menu:1", title: " "}]', ':1: title: " " is not words: it is blank'),
    (
        'owners: [{key: A b, source: "menu:1", title: A}]',
        ':1: key: "A b" is not a key: lower-case letters, digits, "-" and "_" ("head-of-sales")',
    ),
    (
        'owners: [{key: a, source: "menu", title: A}]',
        ':1: source: "menu" is not where it stands: document, colon, line ("001:24")',
    ),
    (
        'owners: [{key: a, source: "menu:0", title: A}]',
        ':1: source: "menu:0" is not where it stands: document, colon, line ("001:24")',
    ),
    (
        'owners: [{key: a, source: "menu:1", title: A, kind: BOSS}]',
        ':1: kind: "BOSS" is not known: expected EXECUTIVE, SUPPORT, TEAM or OTHER',
    ),
    (
        'owners: [{key: a, source: "menu:1", title: A, departmnet: b}]',
        ':1: departmnet: there is no field "departmnet"; did you mean department?',
    ),
    (
        'owners:\n  - key: a\n    source: "menu:1"\n    title: A\n    kind: BOSS',
        ':5: kind: "BOSS" is not known: expected EXECUTIVE, SUPPORT, TEAM or OTHER',
    ),
    ('owners: [{key: a, key: b, source: "menu:1", title: A}]', ":1: key is given twice"),
    ('owners: [&x {key: a, source: "menu:1", title: A, kind: *x}]', ":1: anchors and aliases are not supported: write the row out"),
    ('owners: [{key: a, source: "menu:1", title: !secret A}]', ":1: tags (!secret) are not supported"),
    ('owners: [{key: a, source: "menu:1", title: "a\\0"}]', ":1: holds a NUL character, which the database cannot store"),
    ('owners: [{[a]: b}]', ":1: a field's name is one word"),
    (ROW % "current: 70", ':1: current: expected text: write numbers in quotes ("70")'),
    (ROW % "current: {source: 'menu:1'}", ":1: current.text: is required"),
    (ROW % "current: {text: '1', size: '2'}", ':1: current.size: there is no field "size"; there is operator, source, text, value'),
    (
        'action_items: [{source: "menu:1", text: a, due_on: "2024-02-30"}]',
        ':1: due_on: "2024-02-30" is no date ("2024-03-31")',
    ),
    ('action_items: [{source: "menu:1", text: a, days: 1000001}]', ":1: days: input should be less than or equal to 1000000"),
    ('action_items: [{source: "menu:1", text: a, days: 99999999999999999999}]', ":1: days: expected a whole number"),
    ('action_items: [{source: "menu:1", text: a, days: "5"}]', ":1: days: expected a whole number"),
    ('action_items: [{source: "menu:1", text: a, due_on: 31.3.2024}]', ':1: due_on: "31.3.2024" is no date ("2024-03-31")'),
    ('action_items: [{source: "menu:1", text: a, due_on: 2024}]', ':1: due_on: "2024" is no date ("2024-03-31")'),
    ('kpis: [{key: custom.a, source: "menu:1", name: A, unit: RATIO, direction: UP, aliases: B}]', ":1: aliases: expected a list ([…])"),
    ('kpis: [{key: custom.a, source: "menu:1", name: A, unit: RATIO, direction: UP, north_star: yes}]', ":1: north_star: expected true or false"),
    ('figures: [{kpi: custom.loaves, source: "menu:1", text: "1", placement: TILE, segment: plan=daily}]', ":1: segment: expected dimensions with their values ({plan: enterprise})"),
    ('owners: [{key: a, source: "menu:1", title: A}, &y {key: b, source: "menu:1", title: B}, {<<: *y, key: c}]', ":1: anchors and aliases are not supported: write the row out"),
]  # fmt: skip

MEANINGS = [
    ('owners: [{key: a, source: "list:1", title: A}]', ':1: source: there is no document "list"; there is menu'),
    ('owners: [{key: baker, source: "menu:9", title: B}]', ':1: key: duplicate "baker": it is at bakery/a.yaml:5 already'),
    ('approvals: [{owner: bakr, source: "menu:9"}]', ':1: owner: there is no owner "bakr"; did you mean baker?'),
    ('owners: [{key: a, source: "menu:9", title: A, department: x}]', ':1: department: there is no department "x"; none is declared'),
    (
        'figures: [{kpi: custom.loavs, source: "menu:9", text: "1", placement: TILE}]',
        ':1: kpi: there is no KPI "custom.loavs"; did you mean custom.loaves?',
    ),
    (
        'figures: [{kpi: custom.loaves, source: "menu:9", text: "1", placement: TILE, segment: {plan: yearly}}]',
        ':1: segment: there is no segment "plan=yearly"; did you mean plan=daily?',
    ),
    (
        ROW % "category: shpo, owner: baker",
        ':1: category: there is no category "shpo"; did you mean shop?',
    ),
    (ROW % 'current: {text: "1", source: "other:2"}', ':1: current.source: there is no document "other"; there is menu'),
    (ROW % 'current: "3%"', ':1: current: "3%" cannot be read in unit COUNT(loaf): "%" is not part of this unit'),
    (ROW % 'target: soon', ':1: target: "soon": a target of unit COUNT(loaf) needs a number; give `value:` and `operator:`, or `operator: TEXT`'),
    (ROW % 'trend: "+5%"', ":1: trend: belongs to a figure: give current as well"),
    (ROW % 'current: "5", trend: "5 more"', ':1: trend: "5 more" cannot be read in unit COUNT(loaf): a trend\'s number needs its sign, such as +3 or -3'),
    (ROW % 'current: "5", period: "2024-13"', ':1: period: "2024-13" is no period; periods read like 2026, 2026-Q1, 2026-03, 2026-W07, 2026-03-31, or FY2026, FY2026-Q1, FY2026-P03'),
    (ROW % 'current: {text: "five", operator: AT_LEAST, value: "5"}', ':1: current: "five": a figure has no operator; that is for targets'),
    (ROW % 'target: {text: "5", operator: TEXT, value: "5"}', ':1: target: "5": operator TEXT compares words: it takes no value'),
    ('kpi_rows: [{kpi: custom.mood, source: "menu:9", name: Mood, current: {text: calm, value: "3"}}]', ':1: current: "calm": a KPI of unit TEXT has words alone: it takes no value'),
    ('kpi_rows: [{kpi: custom.mood, source: "menu:9", name: Mood, target: {text: calm, value: "3"}}]', ':1: target: "calm": a KPI of unit TEXT has words alone: it takes no value'),
    ('targets: [{kpi: custom.mood, source: "menu:9", text: calm, operator: AT_LEAST}]', ':1: text: "calm": a KPI of unit TEXT has words alone: its operator is TEXT'),
    (ROW % 'target: {text: "few", value: "5..3"}', ':1: target: "few": a range runs from the lower to the higher number, not 5..3'),
    (
        'kpi_rows:\n- {kpi: custom.mood, source: "menu:9", name: Mood}\n- {kpi: custom.mood, source: "menu:9", name: Spirit}',
        ':3: kpi: duplicate "custom.mood at menu:9": it is at bakery/b.yaml:2 already',
    ),
    (
        'insights: []\nstatements:\n- {source: "menu:9", section: Intro, text: Hello}\n- {source: "menu:9", section: Intro, text: Hello}',
        ":4: the same row again: it is at bakery/b.yaml:3 already",
    ),
    ('kpis: [{key: custom.heat, source: "menu:9", name: Heat, direction: UP}]', ":1: unit: is required: no family defines custom.heat"),
    ('kpis: [{key: custom.heat, source: "menu:9", name: Heat, unit: RATIO}]', ":1: direction: is required: no family defines custom.heat"),
    (
        'kpis: [{key: custom.heat, source: "menu:9", name: Heat, unit: DEGREES, direction: UP}]',
        ':1: unit: \'DEGREES\' is no unit; units read like COUNT(customer), COUNT(deployment)/week, RATIO, MULTIPLE, POINTS, '
        "SCORE(0,5), MONEY(EUR)/month, DURATION, MONTHS, BYTES/day, TEXT",
    ),
    (
        'kpis: [{key: sport.goals, source: "menu:9", name: Goals}]',
        ':1: key: family "sport" is not loaded (loaded: energy, custom); install its plugin, or write custom.…',
    ),
    (
        'kpis: [{key: energy.usee, source: "menu:9", name: Use}]',
        ':1: key: there is no KPI "energy.usee"; did you mean energy.use? (a KPI of your own is custom.…)',
    ),
    ('kpis: [{key: energy.use, source: "menu:9", name: Use, unit: RATIO}]', ":1: unit: energy.use is of unit MONEY/month in its family, not RATIO"),
    ('kpis: [{key: energy.use, source: "menu:9", name: Use, direction: UP}]', ":1: direction: energy.use is DOWN in its family, not UP"),
    ('kpis: [{key: energy.use, source: "menu:9", name: Use, scale: [0, 5]}]', ":1: scale: is a lower and a higher number, for a SCORE alone"),
    (
        'kpis: [{key: energy.comfort, source: "menu:9", name: Comfort}]\n'
        'figures: [{kpi: energy.comfort, source: "menu:10", text: "4/5", placement: TILE}]',
        ":1: scale: is required: energy.comfort is a SCORE, and only you know its lowest and highest ([0, 5])",
    ),
    ('kpis: [{key: energy.use, source: "menu:9", name: Use, aliases: [Waste]}]', ':1: aliases: "Waste" already means custom.waste: it is at bakery/a.yaml:12'),
    (
        'targets: [{kpi: custom.cost, source: "menu:9", text: "> 3x Sales"}]',
        ':1: text: "> 3x Sales" is a multiple of another KPI: name it with of: …',
    ),
    (
        'targets: [{kpi: custom.cost, source: "menu:9", text: "< €5", of: custom.loaves}]',
        ':1: text: "< €5" is no multiple of custom.loaves: write "> 3x …", or give value: the multiple',
    ),
    ('targets: [{kpi: custom.loaves, source: "menu:9", text: "80", placement: STAGE}]', ":1: stage: is required: placement STAGE is a stage's target"),
    ('targets: [{kpi: custom.loaves, source: "menu:9", text: "80", placement: PROGRESSION}]', ":1: months: is required: a step of a progression has its month"),
    ('observations: [{kpi: custom.loaves, source: "menu:9", period: "2024-03", value: "5-7"}]', ':1: value: "5-7": an observation is one number'),
    (
        'observations:\n- {kpi: custom.loaves, source: "menu:9", period: "2024-03", value: "5"}\n'
        '- {kpi: custom.loaves, source: "menu:10", period: "2024-03", value: "6"}',
        ':3: period: duplicate "custom.loaves 2024-03 of menu": it is at bakery/b.yaml:2 already',
    ),
    ('categories: [{key: a, source: "menu:9", name: A, parent: a}]', ':1: parent: category "a" would lie inside itself'),
    ('stages: [{key: a, source: "menu:9", name: A, first_month: 5, last_month: 4, focus: B}]', ":1: last_month: is before first_month 5"),
    (
        'cohort_tables: [{key: a, source: "menu:9", name: A, kind: RETENTION, unit: RATIO, column_unit: MONTH, columns: [0, 1]}]\n'
        'cohort_rows: [{table: a, source: "menu:10", label: L, cells: ["100%"]}]',
        ":2: cells: a has 2 columns, here are cells for 1",
    ),
    (
        'cohort_tables: [{key: a, source: "menu:9", name: A, kind: RETENTION, unit: RATIO, column_unit: MONTH, columns: [0, 1]}]\n'
        'cohort_targets: [{table: a, source: "menu:10", column: 3, text: "5%"}]',
        ":2: column: a has no column 3; it has 0, 1",
    ),
    (
        'cohort_tables: [{key: a, source: "menu:9", name: A, kind: RETENTION, unit: RATIO, column_unit: MONTH, columns: [0]}]\n'
        'cohort_rows: [{table: a, source: "menu:10", label: L, cells: ["100%"], total: "5%"}]',
        ":2: total: cohort table a has no total_label",
    ),
    (
        'exchange_rates: [{base: XYZ, quote: EUR, day: "2026-01-02", rate: "0.9", source: "menu:2"}]',
        ':1: base: "XYZ" is no ISO 4217 currency',
    ),
    (
        'exchange_rates: [{base: EUR, quote: EUR, day: "2026-01-02", rate: "0.9", source: "menu:2"}]',
        ":1: quote: a rate is of two currencies, not from EUR to it",
    ),
    (
        'exchange_rates: [{base: USD, quote: EUR, day: "2026-01-02", rate: "0.0", source: "menu:2"}]',
        ":1: rate: a rate is above zero",
    ),
    (
        'exchange_rates: [{base: USD, quote: EUR, day: "2026-02-30", rate: "0.9", source: "menu:2"}]',
        ':1: day: "2026-02-30" is no date ("2024-03-31")',
    ),
    (
        'exchange_rates: [{base: USD, quote: EUR, day: "2026-01-02", rate: "0.9", source: "menu:2"},\n'
        '  {base: USD, quote: EUR, day: "2026-01-02", rate: "0.8", source: "menu:3"}]',
        ':2: day: duplicate "USD/EUR 2026-01-02": it is at bakery/b.yaml:1 already',
    ),
    (
        'organization: {slug: two, source: "menu:1", name: Two, currency: EUR}',
        ":1: organization: a folder is one organization: another is at bakery/a.yaml:1",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("added", "expected"), SHAPES + MEANINGS)
def test_each_fault_is_reported_with_its_place_and_field(problems, added, expected):
    assert problems(added) == [f"bakery/b.yaml{expected}"]


ORGANIZATIONS = [
    ('documents: [{key: menu, source: "menu:1", title: Menu}]', "bakery: organization: is required: one file says which organization this is"),
    (
        'organization: {slug: a, source: "menu:1", name: A, currency: XYZ}\ndocuments: [{key: menu, source: "menu:1", title: Menu}]',
        'bakery/a.yaml:1: currency: "XYZ" is no ISO 4217 currency',
    ),
    (
        'organization: {slug: a, source: "menu:1", name: A, currency: EUR, time_zone: Mars}\n'
        'documents: [{key: menu, source: "menu:1", title: Menu}]',
        'bakery/a.yaml:1: time_zone: "Mars" is no IANA time zone',
    ),
    (
        'organization: {slug: a, source: "menu:1", name: A, currency: EUR, calendar: {opening: ON_OR_BEFORE}}\n'
        'documents: [{key: menu, source: "menu:1", title: Menu}]',
        "bakery/a.yaml:1: calendar: which week opens a fiscal year matters only with a pattern such as 4-4-5",
    ),
    (
        'organization: {slug: a, source: "menu:1", name: A, currency: EUR, calendar: {fiscal_offset: 12}}',
        "bakery/a.yaml:1: calendar.fiscal_offset: input should be less than or equal to 11",
    ),
    (
        'organization: {slug: a, source: "menu:1", name: A, currency: EUR, calendar: {week_start: NEVER}}',
        'bakery/a.yaml:1: calendar.week_start: "NEVER" is not known: expected MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY or SUNDAY',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("base", "expected"), ORGANIZATIONS)
def test_faults_of_the_organization_are_reported(problems, base, expected):
    assert problems(base=base) == [expected]


def test_everything_is_reported_at_once_in_the_order_of_files_and_lines(problems):
    first = (
        "owners:\n- {key: baker, source: 'menu:9', title: B}\n- {key: x, source: 'nope:1', title: X, department: y}\n"
    )
    second = ROW % 'owner: nobody, current: "3%", target: soon'
    assert [problem.split(":")[:3] for problem in problems(first, second)] == [
        ["bakery/b.yaml", "2", " key"],
        ["bakery/b.yaml", "3", " department"],
        ["bakery/b.yaml", "3", " source"],
        ["bakery/c.yaml", "1", " current"],
        ["bakery/c.yaml", "1", " owner"],
        ["bakery/c.yaml", "1", " target"],
    ]


def test_reference_to_a_refused_row_is_no_second_problem(problems):
    added = 'owners: [{key: cook, source: "menu:9"}]\napprovals: [{owner: cook, source: "menu:10"}]'
    assert problems(added) == ["bakery/b.yaml:1: title: is required"]


def test_figure_of_a_refused_kpi_is_no_second_problem(problems):
    added = (
        'kpis: [{key: custom.heat, source: "menu:9", name: Heat, unit: HOT, direction: UP}]\n'
        'figures: [{kpi: custom.heat, source: "menu:10", text: "very", placement: TILE}]'
    )
    assert [problem.split(":")[2] for problem in problems(added)] == [" unit"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe", ":1: not UTF-8: save the file in that encoding"),
        (b"owners:\n- {title: Caf\xe9}\n", ":2: not UTF-8: save the file in that encoding"),
        (b"owners: " + b"[" * 100_000 + b"]" * 100_000, ":1: not YAML: nested more than 20 deep"),
        (
            b"owners: []\n---\nkpis: []\n",
            ':2: not YAML: a file is one document: what follows "---" goes into another file',
        ),
        (b"owners:\n\t- {key: a}\n", ":2: not YAML: a tab: indent with spaces"),
        (b"owners:\n  - key: a\n\t  title: A\n", ":3: not YAML: a tab: indent with spaces"),
        ('owners:\n# é\n- {title: "a\x07"}\n'.encode(), ":3: not YAML: control characters are not allowed"),
        (b"kpi,current\r\ncustom.loaves,5\r\n", ":1: a catalog file is a mapping from a kind to its rows"),
    ],
)
def test_file_that_is_no_catalog_is_named_with_what_to_do(write, content, expected):
    folder = write()
    (folder / "z.yaml").write_bytes(content)
    (problem,) = read_folder(folder).problems
    assert str(problem) == f"bakery/z.yaml{expected}"


@pytest.mark.parametrize("content", [b"", b"# later\n", b"---\n", b"# later\n---\n...\n", b"\xef\xbb\xbf# later\r\n"])
def test_file_that_holds_nothing_yet_is_no_fault(write, content):
    folder = write()
    (folder / "z.yaml").write_bytes(content)
    assert read_folder(folder).problems == []


def test_what_an_unreadable_file_may_hold_is_not_reported_missing(write, energy):
    folder = write(
        'kpi_rows: [{kpi: custom.loaves, source: "menu:9", name: Loaves, owner: baker, category: shop, current: "3"}]\n'
        'figures: [{kpi: custom.loaves, source: "menu:9", text: "3", placement: TILE, segment: {plan: daily}}]\n'
        'key_results: [{initiative: oven, source: "menu:9", name: Saved, unit: MONEY, current: "€5", target: "€8"}]\n'
        'cohort_tables: [{key: a, source: "menu:9", name: A, kind: REVENUE, unit: MONEY, column_unit: MONTH, columns: [0]}]\n'
        'cohort_rows: [{table: a, source: "menu:9", label: L, cells: ["£5"]}]\n'
        'stages: [{key: a, source: "menu:9", name: A, first_month: 5, last_month: 4, focus: B}]',
        'kpis: [{key: custom.rent, source: "menu:9", name: Rent, unit: RATIO, direction: DOWN}]\n'
        'targets: [{kpi: custom.rent, source: "menu:9", text: "> 3x Sales"}, {kpi: custom.rent, source: "menu:9", text: soon}]',
    )
    file = folder / "a.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "owners: [", encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        build(read_folder(folder), energy)
    assert [str(problem).split(": ")[:2] for problem in caught.value.problems] == [
        ["bakery/a.yaml:15", "not YAML"],
        ["bakery/b.yaml:6", "last_month"],
        ["bakery/c.yaml:2", "text"],
    ]


@pytest.mark.parametrize("currency", ["currency: XYZ", "currency: 5"])
def test_money_is_no_second_problem_while_the_currency_is_refused(problems, currency):
    added = (
        'kpi_rows: [{kpi: custom.cost, source: "menu:9", name: Cost, current: "€5", target: "< £6"}]\n'
        'key_results: [{initiative: oven, source: "menu:9", name: Saved, unit: MONEY, current: "€5", target: "€8"}]\n'
        'initiatives: [{key: oven, source: "menu:9", name: Oven}]\n'
        'decisions: [{key: go, source: "menu:9", title: Go}]\n'
        'decision_items: [{decision: go, source: "menu:9", text: Buy, amount: "€5"}]\n'
        'cohort_tables: [{key: a, source: "menu:9", name: A, kind: REVENUE, unit: MONEY, column_unit: MONTH, columns: [0]}]\n'
        'cohort_rows: [{table: a, source: "menu:9", label: L, cells: ["€5"]}]\n'
        'cohort_targets: [{table: a, source: "menu:9", column: 0, text: "> €5"}]'
    )
    base = (
        f'organization: {{slug: bakery, source: "menu:1", name: Bakery, {currency}}}\n'
        'documents: [{key: menu, source: "menu:1", title: Menu}]\n'
        'kpis: [{key: custom.cost, source: "menu:7", name: Cost, unit: MONEY, direction: DOWN}]'
    )
    assert [problem.split(": ")[:2] for problem in problems(added, base=base)] == [["bakery/a.yaml:1", "currency"]]
