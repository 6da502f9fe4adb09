"""Network interfaces as /sys describes them: up or down, speed, size of packets."""

from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import HostFiles, Point

_NUMBERS: Final = (
    ("carrier", "node_network_carrier"),
    ("carrier_changes", "node_network_carrier_changes_total"),
    ("carrier_up_count", "node_network_carrier_up_changes_total"),
    ("carrier_down_count", "node_network_carrier_down_changes_total"),
    ("dormant", "node_network_dormant"),
    ("ifindex", "node_network_iface_id"),
    ("iflink", "node_network_iface_link"),
    ("link_mode", "node_network_iface_link_mode"),
    ("mtu", "node_network_mtu_bytes"),
    ("tx_queue_len", "node_network_transmit_queue_length"),
    ("type", "node_network_protocol_type"),
)
_WORDS: Final = ("address", "broadcast", "duplex", "ifalias", "operstate")
_MEGABIT_IN_BYTES: Final = 125_000.0


def interfaces(files: HostFiles) -> Iterator[Point]:
    """Yield up, info, speed and the small numbers of each interface."""
    for device in files.sys_names("class/net"):
        labels = (("device", device),)
        words = {word: _text(files, f"class/net/{device}/{word}") for word in _WORDS}
        if not words["operstate"]:
            continue  # bonding_masters is a file, not an interface
        yield "node_network_up", labels, float(words["operstate"] == "up")
        yield "node_network_info", (*labels, *words.items()), 1.0
        for file, name in _NUMBERS:
            text = _text(files, f"class/net/{device}/{file}")
            if text:
                yield name, labels, float(int(text, 0))
        speed = _text(files, f"class/net/{device}/speed")
        if speed and int(speed) >= 0:
            yield "node_network_speed_bytes", labels, int(speed) * _MEGABIT_IN_BYTES


def _text(files: HostFiles, path: str) -> str:
    """Return a file's text; empty where the driver refuses it, as for the speed of an interface that is down."""
    try:
        return files.sys(path)
    except OSError:
        return ""
