"""Values are reached by the index of their cell, whatever is known of the tables when a connection makes its plans."""

import asyncpg
import pytest

from kpi_server.store.importing import open_stage
from kpi_server.store.sql import statement

IN_CALL = ("record_observations", 19, {"sent": statement("sent_in_call"), "order": "position"})
IN_FILE = ("record_observations", 7, {"sent": statement("sent_in_file"), "order": "place"})
WRITTEN = ("written_in_batch", 6, {})


def _looked_up(plan):
    """The nodes of a plan that look for values of one cell: `one`, or `before` it."""
    sought = ("one", "before")
    if "Index Name" in plan and plan["Relation Name"][:13] == "observations_" and plan["Alias"].startswith(sought):
        yield plan
    for below in plan.get("Plans", ()):
        yield from _looked_up(below)


@pytest.mark.parametrize("known", ["nothing", "that it is empty"])
@pytest.mark.parametrize(("name", "parameters", "pieces"), [IN_CALL, IN_FILE, WRITTEN])
async def test_values_are_looked_up_by_their_cell_whatever_is_known_of_the_tables(
    database, addresses, name, parameters, pieces, known
):
    """A partition that is believed to be empty makes every index look as good; the plan outlives that belief."""
    owner = await asyncpg.connect(addresses.owner)
    await owner.execute("analyze" if known == "that it is empty" else "select")
    await owner.close()
    async with database.write(1, action="test", actor="test") as write:
        await write.enter()
        await open_stage(write)
        driver = await write.driver()
        await driver.execute(f"prepare planned as {statement(name).format(**pieces) if pieces else statement(name)}")
        given = ", ".join(["null"] * parameters)
        (told,) = await driver.fetchval(f"explain (format json) execute planned ({given})")
        await driver.execute("deallocate planned")
    nodes = list(_looked_up(told["Plan"]))
    assert len(nodes) >= 22  # one a partition
    for node in nodes:
        sought = [f"({column} " in node["Index Cond"] for column in ("measure_id", "period_start")]
        assert sought == [True, True], (node["Index Name"], node["Index Cond"])
        assert "segment" in node["Index Cond"], node["Index Name"]
