"""Network traffic: interfaces, packets by core, protocols."""

import re
from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import NO_LABELS, HostFiles, Point

_RECEIVED: Final = ("bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast")
_SENT: Final = ("bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed")
_NETDEV: Final = tuple(
    [f"node_network_receive_{word}_total" for word in _RECEIVED]
    + [f"node_network_transmit_{word}_total" for word in _SENT]
)


def netdev(files: HostFiles) -> Iterator[Point]:
    """Yield the counters of each interface but the loopback."""
    for line in files.proc("net/dev").split(b"\n"):
        device, found, rest = line.rpartition(b":")
        name = device.strip().decode(errors="backslashreplace")
        if not found or name == "lo":
            continue
        labels = (("device", name),)
        for metric, word in zip(_NETDEV, rest.split(), strict=False):
            yield metric, labels, float(word)


_NETSTAT: Final = re.compile(
    r".*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)"
    r"|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)"
    r"|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)"
    r"|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors)"
)
"""The fields node_exporter picks of the several hundred there are."""
_IP6: Final = re.compile(r"(Ip6|Icmp6|Udp6|UdpLite6)(.*)")


def netstat(files: HostFiles) -> Iterator[Point]:
    """Yield `node_netstat_<protocol>_<field>` of IP, ICMP, TCP and UDP."""
    for path in ("net/netstat", "net/snmp"):
        lines = files.proc(path).split(b"\n")
        # Two lines each: the names of the fields, then their values, both beginning with the protocol.
        for names, values in zip(lines[0::2], lines[1::2], strict=False):
            protocol = names.split(b":", 1)[0]
            for place, name in _chosen(protocol, names):
                yield name, NO_LABELS, float(values.split()[place])
    yield from _netstat6(files)


_places: dict[bytes, list[tuple[int, str]]] = {}


def _chosen(protocol: bytes, names: bytes) -> list[tuple[int, str]]:
    """Return place and metric name of the fields to give; the line of names does not change while a kernel runs."""
    if names not in _places:
        words = [f"{protocol.decode()}_{word.decode()}" for word in names.split()]
        _places[names] = [(n, f"node_netstat_{word}") for n, word in enumerate(words) if n and _NETSTAT.fullmatch(word)]
    return _places[names]


def _netstat6(files: HostFiles) -> Iterator[Point]:
    try:
        content = files.proc("net/snmp6")
    except FileNotFoundError:
        return  # a kernel without IPv6
    for line in content.split(b"\n"):
        word, _, value = line.partition(b" ")
        name = _names6.get(word)
        if name is None:
            name = _names6[word] = _name6(word.rstrip().decode())
        if name:
            yield name, NO_LABELS, float(value)


_names6: dict[bytes, str] = {}


def _name6(word: str) -> str:
    match = _IP6.fullmatch(word)
    field = f"{match[1]}_{match[2]}" if match else ""
    return f"node_netstat_{field}" if _NETSTAT.fullmatch(field) else ""


_SOFTNET: Final = (
    (0, "node_softnet_processed_total"),
    (1, "node_softnet_dropped_total"),
    (2, "node_softnet_times_squeezed_total"),
)


def softnet(files: HostFiles) -> Iterator[Point]:
    """Yield packets processed, dropped and put off by each core."""
    for core, line in enumerate(files.proc("net/softnet_stat").splitlines()):
        words = line.split()
        # The 13th field, where there is one, names the core: cores that are off have no line.
        number = int(words[12], 16) if len(words) > 12 else core
        for place, name in _SOFTNET:
            yield name, (("cpu", str(number)),), float(int(words[place], 16))


def arp(files: HostFiles) -> Iterator[Point]:
    """Yield the neighbours known to each interface."""
    devices: dict[str, int] = {}
    for line in files.proc("net/arp").splitlines()[1:]:
        device = line.split()[-1].decode(errors="backslashreplace")
        devices[device] = devices.get(device, 0) + 1
    for device, count in devices.items():
        yield "node_arp_entries", (("device", device),), float(count)


def conntrack(files: HostFiles) -> Iterator[Point]:
    """Yield tracked connections and their limit; past it the kernel drops new ones."""
    yield "node_nf_conntrack_entries", NO_LABELS, float(files.proc("sys/net/netfilter/nf_conntrack_count"))
    yield "node_nf_conntrack_entries_limit", NO_LABELS, float(files.proc("sys/net/netfilter/nf_conntrack_max"))
