"""The page on loading data: its file and its stream are taken as it says."""

import json
import re
from pathlib import Path

import pytest

from kpi_server.app import create_app
from kpi_server.domain.access import Opening, Role
from kpi_server.services.access import create_token
from kpi_server.settings import Settings
from kpi_server.testing import client

PAGE = (Path(__file__).parents[3] / "docs" / "loading.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.families


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
async def send(seeded_database, registry):
    opening = Opening("snapshot-co", Role.SERVICE)
    token = (await create_token(seeded_database, "loader", [opening])).token
    app = create_app(Settings(database_url=seeded_database.address), registry)
    async with client(app) as http:

        async def sending(target, content, media):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": media}
            answer = await http.post(target, content=content, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()["data"]

        yield sending


async def test_the_file_and_the_stream_of_the_page_are_taken_as_it_says(send):
    (file,) = _blocks("csv")
    taken = await send("/ingest?organization=snapshot-co&source=billing", file, "text/csv")
    assert (taken["recorded"], taken["errors"]) == (3, [])
    for asked, answered in zip(_blocks("http"), _blocks("json")[:2], strict=True):
        head, _, body = asked.partition("\n\n")
        request, media = head.splitlines()
        taken = await send(request.removeprefix("POST "), body, media.removeprefix("Content-Type: "))
        taken["errors"] = [{name: error[name] for name in ("line", "field", "code")} for error in taken["errors"]]
        del taken["version"]
        assert taken == json.loads(answered)
