"""What a GraphQL document is known by: hashes of its text as written, as normalised and as printed."""

import hashlib

from graphql import DocumentNode, GraphQLSyntaxError, print_ast, strip_ignored_characters


def hash_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 lower-case hexadecimal digits.

    >>> hash_of("{hello}")
    '9dd7ff987fac8d0d1979084ebde5ce8bd855cd066d1a34e98432275cc6bc264c'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def normalised(text: str) -> str | None:
    """The text without all that GraphQL ignores; None when it cannot even be read word by word.

    Comments, commas and white space between words go; one space stays between two words, and before a spread that
    follows a word; a block string loses its indentation. It is what `stripIgnoredCharacters` of graphql-js gives.

    >>> normalised("query Q($n: Int) { # how many\\n  a(first: $n), ...F }")
    'query Q($n:Int){a(first:$n)...F}'
    >>> normalised('{ a(text: "unclosed) }') is None
    True
    """
    try:
        return strip_ignored_characters(text)
    except GraphQLSyntaxError:
        return None


def forms_of(text: str, document: DocumentNode) -> tuple[str, ...]:
    """The texts of one document whose hashes name it, the normalised one first.

    The others are the text itself, which Relay's compiler and codegen hash, and the parsed document printed again,
    which Apollo Client hashes.
    """
    return (normalised(text) or text, text, print_ast(document))
