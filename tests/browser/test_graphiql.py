"""The offline GraphiQL page in a real Chromium, against a small schema of its own."""

import re
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL

from kpi_server.web.graphiql.page import ASSETS, ASSETS_PATH, CONTENT_SECURITY_POLICY, Example, page

playwright = pytest.importorskip("playwright.sync_api", reason="the playwright package is not installed")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on PATH")

TOKEN = "demo-token-7f3a"
EXAMPLES = [
    Example(
        name="RetentionOfSegment",
        query="query RetentionOfSegment($segment: String!) {\n  retention(segment: $segment)\n  caller\n}\n",
        variables='{"segment": "enterprise"}',
    ),
    Example(name="CountToThree", query="subscription CountToThree {\n  count(to: 3)\n}\n", variables=""),
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

Visit = Callable[..., "Page"]


@strawberry.type
class Query:
    @strawberry.field(description="Share of customers kept.")  # type: ignore[untyped-decorator]
    def retention(self, segment: str) -> str:
        return f"91.2 % of {segment}"

    @strawberry.field
    def caller(self, info: strawberry.Info) -> str:
        """The Authorization header as it arrived."""
        return str(info.context["request"].headers.get("authorization"))


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: strawberry.Info, to: int) -> AsyncIterator[str]:
        """Numbers up to one."""
        for number in range(1, to + 1):
            yield f"{number} for {info.context['connection_params']['Authorization']}"


async def graphiql(request: Request) -> HTMLResponse:
    html = page(examples=EXAMPLES, token=TOKEN, endpoint="/guarded")
    return HTMLResponse(html, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


async def without_examples(request: Request) -> HTMLResponse:
    return HTMLResponse(page(examples=[], token=None), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


class Guarded:
    """Refuses whoever sends no header of theirs: the schema, too, is only for those who show a token."""

    def __init__(self, endpoint: ASGIApp) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = scope["type"] == "http" and "authorization" not in Headers(scope=scope)
        await (PlainTextResponse("no token", 401) if refused else self._endpoint)(scope, receive, send)


def app() -> Starlette:
    endpoint = GraphQL[None, None](strawberry.Schema(Query, subscription=Subscription), graphql_ide=None)
    return Starlette(
        routes=[
            Route("/", graphiql),
            Route("/without-examples", without_examples),
            Route("/graphql", endpoint),
            Route("/guarded", Guarded(endpoint)),
            WebSocketRoute("/guarded", endpoint),
            Mount(ASSETS_PATH, StaticFiles(directory=ASSETS)),
        ]
    )


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A running server; its socket listens before the server does, so the first request waits instead of failing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app(), ws="websockets-sansio", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium without its own traffic; names other than the server's address do not even resolve."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += [
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: "Browser", origin: str) -> Iterator[Visit]:
    """Opens the page; at the end nothing may have left the origin and nothing may have been refused or thrown."""
    complaints: list[str] = []
    addresses: list[str] = []
    contexts = []

    def opened(viewport: dict[str, int] = DESKTOP, colour_scheme: str = "light") -> "Page":
        context = browser.new_context(viewport=viewport, color_scheme=colour_scheme)  # type: ignore[arg-type]
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: addresses.append(request.url))
        tab.on("websocket", lambda opened_socket: addresses.append(opened_socket.url))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.goto(f"http://{origin}/")
        tab.get_by_role("button", name=re.compile("Execute query")).wait_for()
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [
        address for address in addresses if not re.match(rf"(?:(?:http|ws)://{re.escape(origin)}/|data:)", address)
    ] == []


def run(tab: "Page") -> None:
    tab.get_by_role("button", name=re.compile("Execute query")).click()


def answer_shows(tab: "Page", text: str) -> None:
    playwright.expect(tab.get_by_role("region", name="Result Window")).to_contain_text(text)


def test_every_example_is_a_tab_named_by_its_operation(visit: Visit) -> None:
    tab = visit()
    assert tab.get_by_role("tab").all_inner_texts() == ["RetentionOfSegment", "CountToThree"]
    assert tab.title() == "kpi-server · GraphiQL"


def test_the_first_tab_runs_with_its_variables_and_the_token(visit: Visit) -> None:
    tab = visit()
    run(tab)
    answer_shows(tab, "91.2 % of enterprise")
    answer_shows(tab, f"Bearer {TOKEN}")


def test_ctrl_enter_runs_the_operation(visit: Visit) -> None:
    tab = visit()
    tab.locator(".graphiql-query-editor .CodeMirror-code").click()
    tab.keyboard.press("Control+Enter")
    answer_shows(tab, "91.2 % of enterprise")


def test_a_subscription_runs_over_the_socket_with_the_token(visit: Visit) -> None:
    tab = visit()
    tab.get_by_role("tab", name="CountToThree").click()
    # GraphiQL reads which operation the editor holds a tenth of a second after the text changed.
    tab.wait_for_function(
        "() => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.operationName === 'CountToThree'"
    )
    run(tab)
    answer_shows(tab, f"3 for Bearer {TOKEN}")


def test_the_schema_is_read_and_shown_in_the_documentation(visit: Visit) -> None:
    tab = visit()
    tab.get_by_role("button", name=re.compile("Show Documentation Explorer")).click()
    tab.get_by_role("link", name="Query", exact=True).click()
    playwright.expect(tab.get_by_text("Share of customers kept.")).to_be_visible()


def test_the_settings_dialog_opens_under_the_policy(visit: Visit) -> None:
    tab = visit()
    tab.get_by_role("button", name="Open settings dialog").click()
    playwright.expect(tab.get_by_role("dialog")).to_contain_text("Theme")


def test_an_edited_tab_survives_a_reload_and_the_token_is_never_stored(visit: Visit) -> None:
    tab = visit()
    tab.locator(".graphiql-query-editor .CodeMirror-code").click()
    tab.keyboard.press("Control+Home")
    tab.keyboard.type("# edited\n")
    tab.wait_for_function("() => Object.values(localStorage).some((text) => text.startsWith('# edited'))")
    tab.reload()
    playwright.expect(tab.locator(".graphiql-query-editor .CodeMirror-code")).to_contain_text("# edited")
    run(tab)
    answer_shows(tab, f"Bearer {TOKEN}")
    assert TOKEN not in tab.evaluate("() => JSON.stringify(localStorage)")


def test_other_examples_start_with_their_own_tabs(visit: Visit, origin: str) -> None:
    tab = visit()
    tab.wait_for_function("() => Object.keys(localStorage).some((key) => key.endsWith('tabState'))")
    tab.goto(f"http://{origin}/without-examples")
    playwright.expect(tab.get_by_role("tab")).to_have_text(["<untitled>"])


def test_a_phone_shows_editor_and_answer_above_each_other_without_sideways_scrolling(visit: Visit) -> None:
    tab = visit(PHONE)
    run(tab)
    answer_shows(tab, "91.2 % of enterprise")
    assert tab.evaluate("() => document.scrollingElement.scrollWidth") == 390
    editor = tab.locator(".graphiql-editors").bounding_box()
    answer = tab.locator(".graphiql-response").bounding_box()
    assert editor is not None
    assert answer is not None
    assert editor["y"] + editor["height"] <= answer["y"]
    assert answer["y"] + answer["height"] <= PHONE["height"]
    assert min(editor["width"], answer["width"]) > 300
    assert min(editor["height"], answer["height"]) > 200


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(33, 42, 59)")])
def test_colours_follow_the_system(visit: Visit, scheme: str, background: str) -> None:
    tab = visit(colour_scheme=scheme)
    container = tab.locator(".graphiql-container").evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert container == background
    assert tab.evaluate("() => getComputedStyle(document.body).backgroundColor") == background
