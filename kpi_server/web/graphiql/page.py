"""The GraphiQL page as text: examples in, one self-contained HTML document out."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
ASSETS_PATH = "/graphiql/assets"

# GraphiQL's dialogs insert a style element at run time, hence 'unsafe-inline' for styles and only for them.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HTML_IN_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>kpi-server · GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{assets}/graphiql.css">
<script src="{assets}/graphiql.js" defer></script>
</head>
<body>
<header class="kpi-line"><strong>kpi-server · GraphiQL</strong><span>Ctrl-Enter runs</span></header>
<main id="graphiql"><noscript>GraphiQL needs JavaScript; the endpoint answers without it.</noscript></main>
<script type="application/json" id="graphiql-config">{config}</script>
</body>
</html>
"""


@dataclass(frozen=True)
class Example:
    """One operation offered as a tab; ``variables`` is JSON text, empty when the operation takes none."""

    name: str
    query: str
    variables: str


def page(*, examples: Sequence[Example], token: str | None, endpoint: str = "/graphql") -> str:
    """The HTML document that runs GraphiQL against ``endpoint``.

    Its tabs are the examples in their order, named by their operations. With a token the headers editor starts with
    its ``Authorization`` header; pass one only where everybody who can open the page may use it.

    >>> "Bearer" in page(examples=[], token=None)
    False
    """
    tabs = [{"query": _document(example), "variables": example.variables} for example in examples]
    config = {
        "endpoint": endpoint,
        "headers": None if token is None else json.dumps({"Authorization": f"Bearer {token}"}),
        "tabs": tabs,
        "version": _digest(tabs),
    }
    return _TEMPLATE.format(assets=ASSETS_PATH, config=json.dumps(config).translate(_HTML_IN_JSON))


def _document(example: Example) -> str:
    """The example's text, under a comment with its name where no operation of the text has that name."""
    name = re.escape(example.name)
    if re.search(rf"\b(?:query|mutation|subscription)\s+{name}\b", example.query):
        return example.query
    return f"# {' '.join(example.name.split())}\n{example.query}"


def _digest(tabs: Sequence[dict[str, str]]) -> str:
    """Twelve hexadecimal digits that change with any tab, so that the browser keeps edits per set of examples."""
    return hashlib.sha256(json.dumps(tabs).encode()).hexdigest()[:12]
