"""Host names in values: which of them are public, and which can only be reached inside a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

# Names that only resolve inside a network, or that documentation reserves.
PRIVATE_ENDINGS = (
    "internal", "local", "localhost", "localdomain", "lan", "corp", "home", "intranet", "private", "priv", "arpa",
    "test", "invalid", "example", "example.com", "example.org", "example.net",
)  # fmt: skip
AMAZON = ("amazonaws.com", "amazonaws.com.cn", "api.aws")
# Compiled where they are first used: most values hold no host.
_URL = r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/@\s]*@)?(?P<host>\[[0-9a-f:.]+\]|[^/:?#\s,;\"'<>|)]+)"
_BARE = r"(?i)(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:/\S*)?"
_NAME = r"(?i)[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)*\.?"
WEB = ("http", "https", "ws", "wss")


def urls_in(value: str) -> Iterator[tuple[str, str]]:
    """List the URLs in a value, each as its scheme and host.

    >>> list(urls_in("https://user:word@api.stripe.com/v1, redis://10.0.0.5:6379"))
    [('https', 'api.stripe.com'), ('redis', '10.0.0.5')]
    """
    if "://" not in value:
        return
    for match in re.finditer(_URL, value):
        yield match["scheme"].lower(), match["host"].lower()


def bare_host(value: str) -> str:
    """Give the host of a value that is a host name with or without a port, empty for anything else.

    >>> bare_host("db.shop.internal:5432"), bare_host("v1.2"), bare_host("set by the pipeline")
    ('db.shop.internal', '', '')
    """
    match = re.fullmatch(_BARE, value.strip()) if "." in value else None
    host = "" if match is None else match["host"].lower()
    return host if _is_address(host) or re.search(r"\.[a-z]{2,}$", host) else ""


def is_public(host: str) -> bool:
    """Tell whether a host is certainly one that lies outside of every private network.

    >>> is_public("api.stripe.com"), is_public("10.1.2.3"), is_public("stock"), is_public("a.shop.internal")
    (True, False, False, False)
    """
    bare = host.strip("[]").rstrip(".")
    if _is_address(bare):
        return ip_address(bare).is_global
    if "." not in bare or not re.fullmatch(_NAME, bare):
        return False
    return not any(bare == ending or bare.endswith(f".{ending}") for ending in PRIVATE_ENDINGS)


def is_amazon(host: str) -> bool:
    """Tell whether a host is one of AWS's names, of which many lie inside of a VPC."""
    return any(host.rstrip(".").endswith(f".{ending}") for ending in AMAZON)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
