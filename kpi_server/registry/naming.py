"""Names as they are spelt and compared, and what a plugin's answer is before anything is believed of it."""

import re
import unicodedata
from typing import Final

FAMILY_NAME: Final = re.compile(r"[a-z][a-z0-9]*")
SNAKE_CASE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KPI_KEY: Final = re.compile(rf"{FAMILY_NAME.pattern}\.{SNAKE_CASE.pattern}")


def fold_name(text: str) -> str:
    """A name as it is compared: letters and digits only, capitals and compatibility forms evened out.

    A KPI key keeps its dot and underscores, so that "customer.satisfaction" is not what "Customer Satisfaction" means.

    >>> fold_name("LTV:CAC Ratio") == fold_name("ltv/cac ratio") == "ltvcacratio"
    True
    >>> fold_name("Financial.LTV_CAC")
    'financial.ltv_cac'
    """
    even = unicodedata.normalize("NFKC", text).casefold().strip()
    return even if _KPI_KEY.fullmatch(even) else "".join(sign for sign in even if sign.isalnum())


def type_name(value: object) -> str:
    """The name of a value's type, as messages give it."""
    return "nothing" if value is None else type(value).__name__


def is_text(value: object) -> bool:
    """True for a text that is not blank."""
    # Annotations bind no plugin: what they promise is checked on values taken as plain objects.
    return isinstance(value, str) and bool(value.strip())


def is_spelt(value: object, pattern: re.Pattern[str]) -> bool:
    """True for a text of that form."""
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def is_a(value: object, kind: type) -> bool:
    """True for a value of that type; asked where an annotation claims to know it."""
    return isinstance(value, kind)


def is_callable(value: object) -> bool:
    """True for what can be called; asked where an annotation claims to know it."""
    return callable(value)
