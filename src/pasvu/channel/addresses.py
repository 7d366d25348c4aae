"""Which network addresses are of the public internet, however they are written. Pure."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Python's own list lets these pass; none of them is a machine of the public internet.
# https://www.iana.org/assignments/iana-ipv4-special-registry/ and its sister for IPv6.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "fec0::/10",
            "5f00::/16",
        ),
    )
)
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""An IPv4 address behind a translator: https://www.rfc-editor.org/rfc/rfc6052"""


def literal(host: str) -> Address | None:
    """The address that a host is written as, in any of the ways that a C library reads; `None` for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        # `2130706433`, `0x7f.1` and `0177.0.0.1` are all this machine.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_public(address: Address) -> bool:
    """Whether it is of the public internet, and so is any IPv4 address that it carries inside."""
    if any(address in network for network in _NEVER):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast and not address.is_reserved
