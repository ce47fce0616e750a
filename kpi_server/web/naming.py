"""From what a request sends or names to the document to execute, and whether its sender may have it executed."""

from dataclasses import dataclass

from kpi_server.api.documents import RequestRefused
from kpi_server.api.errors import Code, error_entry
from kpi_server.api.trusted.documents import TrustedDocument, TrustedDocuments
from kpi_server.api.trusted.hashes import hash_of
from kpi_server.api.trusted.sources import PREFIX
from kpi_server.web.requests import Named, Parameters, Refused

NOT_FOUND = "PersistedQueryNotFound"  # Apollo's link compares the message, and sends the whole text then
UNTRUSTED = (
    "Only trusted documents are executed here, and this is none of them (the introspection of GraphiQL is not one "
    "either): send the documentId or the text of one that `kpi-server documents` lists."
)


@dataclass(slots=True)
class Requested:
    """The text to execute; `stored` is the trusted document when the request named one or had to send one."""

    text: str
    stored: TrustedDocument | None = None


def requested(parameters: Parameters, trusted: TrustedDocuments, *, trusted_only: bool) -> Requested:
    """The document that a request asks for; no text is parsed to find out.

    Raises:
        RequestRefused: the document that it names is not known.
        Refused: its text is not the document that it names, or not one that its sender may have executed.
    """
    named, text = parameters.named, parameters.query
    stored = trusted.named(named.hash) if named else None
    if text is None:
        if stored is None:
            raise RequestRefused([_unknown(named)])
        return Requested(stored.text, stored)
    if named and named.hash != hash_of(text) and (stored is None or stored is not trusted.written(text)):
        message = "`query` is not the document of that hash: send either, or the SHA-256 of the text as it is sent."
        raise Refused(400, Code.BAD_REQUEST, message)
    if not trusted_only:
        return Requested(text, stored)
    stored = stored or trusted.written(text)
    if stored is None:
        raise Refused(403, Code.TRUSTED_DOCUMENTS_ONLY, UNTRUSTED)
    return Requested(text, stored)


def _unknown(named: Named | None) -> dict[str, object]:
    if named is None or named.is_persisted_query:
        return error_entry(Code.PERSISTED_QUERY_NOT_FOUND, NOT_FOUND)
    message = f"No trusted document has the id {PREFIX}{named.hash}: `kpi-server documents` lists them all."
    return error_entry(Code.DOCUMENT_NOT_FOUND, message)
