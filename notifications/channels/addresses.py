"""Which addresses of the network may be called because somebody has entered a name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

EMBEDS_IPV4 = (
    IPv6Network("64:ff9b::/96"),  # NAT64, RFC 6052
    IPv6Network("64:ff9b:1::/48"),  # NAT64 inside one network, RFC 8215
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("2001::/32"),  # Teredo
)
SERVICES = (
    IPv4Network("168.63.129.16/32"),  # Azure's services for its machines
    IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890; Oracle keeps its metadata there
)
"""What Python counts as global although nobody elsewhere answers there."""


def is_public(text: str) -> bool:
    """Whether an IP address is somebody else's on the open internet: not loopback, private,
    link-local (where clouds keep their metadata), unique local, multicast or reserved, and not an
    IPv6 address that leads to an IPv4 one. False for what is no address."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address.scope_id or any(address in one for one in EMBEDS_IPV4):
            return False
    if address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return address.is_global and not any(address in one for one in SERVICES)


def is_loopback(text: str) -> bool:
    """Whether it is this machine itself."""
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
