"""Currencies: the codes of ISO 4217 and the signs that documents print for them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# National currencies of ISO 4217 list one. Funds codes (CLF, USN), metals (XAU), drawing rights (XDR) and test
# codes (XTS) are left out: no company reports a KPI in them, and a typing slip that hits one should be refused.
CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a hundred and fifty quoted codes would be harder to check
)

# A sign is shared: "$" in a Canadian company's document means its own dollar.
_CURRENCIES_OF_SIGN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "€": frozenset({"EUR"}),
        "$": frozenset({"USD", "AUD", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD"}),
        "£": frozenset({"GBP", "GIP"}),
        "¥": frozenset({"JPY", "CNY"}),
        "₹": frozenset({"INR"}),
    }
)

_SIGN_OF_CURRENCY: Final[Mapping[str, str]] = MappingProxyType(
    {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
)


def is_currency(code: str) -> bool:
    """True for an active ISO 4217 code of a national currency, in capitals.

    >>> is_currency("EUR"), is_currency("EURO"), is_currency("XXX")
    (True, False, False)
    """
    return code in CURRENCIES


def means(mark: str, code: str) -> bool:
    """True if a printed mark (a sign or a code) can stand for the currency.

    >>> means("€", "EUR"), means("$", "EUR"), means("$", "CAD"), means("CHF", "CHF")
    (True, False, True, True)
    """
    return mark == code or code in _CURRENCIES_OF_SIGN.get(mark, frozenset())


def prefix(code: str) -> str:
    """What is written in front of an amount: the sign where it names one currency, else the code and a space.

    >>> prefix("EUR"), prefix("CHF")
    ('€', 'CHF ')
    """
    return _SIGN_OF_CURRENCY.get(code, f"{code} ")
