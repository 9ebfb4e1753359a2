"""Currencies and their minor units.

The table is ISO 4217's, list one, with the exponents in force in 2026; `XXX` stands for no particular currency.
"""

from decimal import Decimal

from compengine.values.exact import CONTEXT, exact

_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG XXX YER ZAR ZMW ZWG
BEF CYP DEM EEK ESP FRF GRD HRK IEP ITL LTL LVL MTL NLG PTE SIT SKK
"""
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: dict[str, int] = (
    dict.fromkeys(_TWO.split(), 2) | dict.fromkeys(_ZERO.split(), 0) | dict.fromkeys(_THREE.split(), 3)
)


def is_currency(code: str) -> bool:
    return code in EXPONENTS


def minor_unit(currency: str) -> Decimal:
    """The smallest amount that can be paid: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-EXPONENTS[currency])


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole minor units; raises `ValueError` where `amount` is not on the currency's grid."""
    scaled = CONTEXT.scaleb(amount, EXPONENTS[currency])
    if scaled != scaled.to_integral_value(context=CONTEXT):
        raise ValueError(f"{amount} is not a whole number of {currency} minor units")
    return int(scaled)


def from_minor(minor: int, currency: str) -> Decimal:
    return exact(CONTEXT.scaleb(Decimal(minor), -EXPONENTS[currency]))


def fixed(amount: Decimal, currency: str) -> str:
    """`1234.50`: all minor digits, no grouping; the amount must be on the grid."""
    return format(Decimal(to_minor(amount, currency)).scaleb(-EXPONENTS[currency]), f".{EXPONENTS[currency]}f")
