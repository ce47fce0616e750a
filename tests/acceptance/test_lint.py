"""`kpi-server lint` as an operator uses it, on a catalog that contradicts itself twice."""

import json

SHOP = """\
organization: {slug: shop, source: "menu:1", name: Shop, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
owners:
  - {key: baker, source: "menu:2", title: Baker}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: UP}
  - {key: custom.rolls, source: "menu:7", name: Rolls, unit: COUNT(roll), direction: UP}
kpi_rows:
  - {kpi: custom.loaves, source: "menu:6", name: Loaves, current: "1,200", target: "1,500", owner: baker, colour: GREEN}
  - {kpi: custom.rolls, source: "menu:8", name: Rolls, current: "900", target: "900", colour: GREEN}
"""
CAFE = """\
organization: {slug: cafe, source: "card:1", name: Café, currency: EUR}
documents:
  - {key: card, source: "card:1", title: Card, period: "2024-Q1"}
"""


def test_findings_are_listed_by_organization_with_both_sides(command, addresses, tmp_path):
    for name, text in (("shop", SHOP), ("cafe", CAFE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.yaml").write_text(text, encoding="utf-8")
    assert command("seed", tmp_path / "shop", tmp_path / "cafe", DATABASE_URL=addresses.server).returncode == 0

    answer = command("lint", "--json", DATABASE_URL=addresses.server)
    assert (answer.returncode, [*json.loads(answer.stdout)]) == (0, ["cafe", "shop"])
    assert json.loads(answer.stdout)["shop"] == [
        {
            "rule": "STATUS",
            "severity": "WARNING",
            "message": "Loaves: 1,200 is printed as GREEN (menu:6), but against the target 1,500 (menu:6) it is MISSED",
            "kpi": "custom.loaves",
            "left": {"text": "1,200", "value": "1200", "source": "menu:6"},
            "right": {"text": "1,500", "value": "1500", "source": "menu:6"},
            "difference": "-300",
        },
        {
            "rule": "OWNER",
            "severity": "WARNING",
            "message": "Rolls (menu:7) has no owner",
            "kpi": "custom.rolls",
            "left": {"text": "Rolls", "value": None, "source": "menu:7"},
            "right": {"text": "no owner", "value": None, "source": None},
            "difference": None,
        },
    ]

    table = command("lint", DATABASE_URL=addresses.server)
    assert table.returncode == 0
    assert table.stdout.splitlines()[:2] == ["cafe: everything fits together", "shop: 2 WARNING"]
    assert [word for word in ("custom.loaves", "custom.rolls", "STATUS", "OWNER") if word not in table.stdout] == []

    unknown = command("lint", "shop", "pub", DATABASE_URL=addresses.server)
    assert (unknown.returncode, unknown.stdout, unknown.stderr) == (1, "", "there is no organization pub\n")
