"""Host metrics from /proc and /sys trees that the test writes: node_exporter's names, units and choices."""

import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from nightdesk.collect.host import disks, interfaces, kernel, memory, network, sensors, sockets
from nightdesk.collect.host.cpu import CpuTimes
from nightdesk.collect.host.files import HostFiles, Pairs, Point
from nightdesk.collect.host.mounts import mounts
from nightdesk.collect.host.reader import FamilyFailure, FamilyReader
from nightdesk.collect.host.tcp_states import tcp_states

Grow = Callable[[dict[str, str]], HostFiles]


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Write files below a root that stands for /proc and /sys at once."""

    def write(files: dict[str, str]) -> HostFiles:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return HostFiles(str(tmp_path), str(tmp_path))

    return write


def told(points: Iterable[Point]) -> dict[tuple[str, Pairs], float]:
    """Return points as a dictionary; each stands once."""
    found = list(points)
    made = {(name, labels): value for name, labels, value in found}
    assert len(made) == len(found)
    return made


def named(points: Iterable[Point]) -> dict[str, float]:
    """Return points that have no labels, by name."""
    return {name: value for name, labels, value in points if not labels}


STAT = """cpu  300 0 0 0 0 0 0 0 0 0
cpu0 100 20 30 4000 50 6 7 8 90 10
cpu1 200 0 0 0 0 0 0 0 0 0
intr 287983 0 12 0
ctxt 99
btime 1700000000
processes 77
procs_running 2
procs_blocked 1
softirq 5 1
"""


def test_cpu_seconds_by_core_and_mode(grow: Grow) -> None:
    """Ticks become seconds; guest time has its own metric and stays in user, as node_exporter has it; no total."""
    points = told(CpuTimes()(grow({"stat": STAT})))
    modes = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    values = [points["node_cpu_seconds_total", (("cpu", "0"), ("mode", mode))] for mode in modes]
    assert values == [1.0, 0.2, 0.3, 40.0, 0.5, 0.06, 0.07, 0.08]
    assert points["node_cpu_guest_seconds_total", (("cpu", "0"), ("mode", "user"))] == 0.9
    assert points["node_cpu_guest_seconds_total", (("cpu", "0"), ("mode", "nice"))] == 0.1
    assert len(points) == 20


def test_cpu_counters_never_fall(grow: Grow) -> None:
    """A kernel that takes back some iowait makes no counter fall; a core that came back anew starts anew."""
    cpu, files = CpuTimes(), grow({"stat": "cpu0 1 1 1 5000 900 1 1 1 0 0\n"})
    told(cpu(files))
    for stat, iowait in (("cpu0 1 1 1 5001 890 1 1 1 0 0\n", 9.0), ("cpu0 0 0 0 10 3 0 0 0 0 0\n", 0.03)):
        grow({"stat": stat})
        files.begin()
        assert told(cpu(files))["node_cpu_seconds_total", (("cpu", "0"), ("mode", "iowait"))] == iowait


def test_kernel_counters(grow: Grow) -> None:
    """Interrupts, switches, forks, boot time and processes by their names."""
    assert named(kernel.stat(grow({"stat": STAT}))) == {
        "node_intr_total": 287983,
        "node_context_switches_total": 99,
        "node_boot_time_seconds": 1_700_000_000,
        "node_forks_total": 77,
        "node_procs_running": 2,
        "node_procs_blocked": 1,
    }
    files = grow({"loadavg": "0.08 0.17 1.5 1/94 13656\n", "sys/fs/file-nr": "591\t0\t2466183\n"})
    assert named(kernel.loadavg(files)) == {"node_load1": 0.08, "node_load5": 0.17, "node_load15": 1.5}
    assert named(kernel.filefd(files)) == {"node_filefd_allocated": 591, "node_filefd_maximum": 2466183}


def test_memory(grow: Grow) -> None:
    """Lines in kB become bytes, plain counts stay; brackets become underscores; only chosen fields of vmstat."""
    files = grow(
        {
            "meminfo": "MemTotal:       1000 kB\nActive(anon):      2 kB\nHugePages_Total:       3\n",
            "vmstat": "nr_free_pages 1\npgpgin 2\npswpout 3\npgmajfault 4\noom_kill 5\npgfault 6\npgalloc_dma 7\n",
            "pressure/cpu": "some avg10=0.00 avg60=0.43 avg300=0.77 total=20886045\nfull avg10=0.00 total=9\n",
            "pressure/io": "some avg10=0.00 total=1000000\nfull avg10=0.00 total=500000\n",
            "pressure/memory": "some avg10=0.00 total=0\nfull avg10=0.00 total=0\n",
        }
    )
    assert named(memory.meminfo(files)) == {
        "node_memory_MemTotal_bytes": 1_024_000,
        "node_memory_Active_anon_bytes": 2048,
        "node_memory_HugePages_Total": 3,
    }
    assert named(memory.vmstat(files)) == {
        "node_vmstat_pgpgin": 2,
        "node_vmstat_pswpout": 3,
        "node_vmstat_pgmajfault": 4,
        "node_vmstat_oom_kill": 5,
        "node_vmstat_pgfault": 6,
    }
    pressure = named(memory.pressure(files))
    assert pressure["node_pressure_cpu_waiting_seconds_total"] == pytest.approx(20.886045)
    assert pressure["node_pressure_io_stalled_seconds_total"] == 0.5
    assert len(pressure) == 5


def test_disks(grow: Grow) -> None:
    """Whole disks only; sectors are 512 bytes, times are in ms; an old kernel's shorter line gives what it has."""
    files = grow(
        {
            "diskstats": "   7 0 loop0 1 1 1 1 1 1 1 1 1 1 1\n 254 0 vda 10 2 100 1000 30 4 200 2000 5 6000 7000\n"
            " 254 1 vda1 1 1 1 1 1 1 1 1 1 1 1\n 259 0 nvme0n1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 8000\n"
        }
    )
    points = told(disks.diskstats(files))
    vda, nvme = (("device", "vda"),), (("device", "nvme0n1"),)
    assert {labels for _, labels in points} == {vda, nvme}
    assert points["node_disk_read_bytes_total", vda] == 51_200
    assert points["node_disk_io_time_seconds_total", vda] == 6
    assert points["node_disk_flush_requests_time_seconds_total", nvme] == 8
    assert ("node_disk_discards_completed_total", vda) not in points


def test_networks(grow: Grow) -> None:
    """Interfaces without the loopback, also where a count touches the colon; chosen fields of the protocols."""
    files = grow(
        {
            "net/dev": "Inter-| Receive\n face |bytes\n    lo: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
            "  eth0:529 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
            "net/netstat": "TcpExt: SyncookiesSent TCPTimeouts ArpFilter\nTcpExt: 1 2 3\nIpExt: InOctets\nIpExt: 9\n",
            "net/snmp": "Ip: Forwarding DefaultTTL\nIp: 2 64\nTcp: Rto CurrEstab\nTcp: -1 4\nUdp: InErrors\nUdp: 5\n",
            "net/snmp6": "Ip6InOctets   \t7\nIcmp6InMsgs   \t8\nIp6InReceives   \t9\n",
        }
    )
    eth0 = (("device", "eth0"),)
    devices = told(network.netdev(files))
    assert devices["node_network_receive_bytes_total", eth0] == 529
    assert devices["node_network_transmit_compressed_total", eth0] == 16
    assert len(devices) == 16
    assert named(network.netstat(files)) == {
        "node_netstat_TcpExt_SyncookiesSent": 1,
        "node_netstat_TcpExt_TCPTimeouts": 2,
        "node_netstat_IpExt_InOctets": 9,
        "node_netstat_Ip_Forwarding": 2,
        "node_netstat_Tcp_CurrEstab": 4,
        "node_netstat_Udp_InErrors": 5,
        "node_netstat_Ip6_InOctets": 7,
        "node_netstat_Icmp6_InMsgs": 8,
    }


def test_sockets_and_states(grow: Grow) -> None:
    """Sockets by protocol, memory in bytes beside pages; every TCP state is said, those without connections as 0."""
    line = " 0: 0100007F:1F90 00000000:0000 {} 00000000:00000000\n"
    files = grow(
        {
            "net/sockstat": "sockets: used 16\nTCP: inuse 1 orphan 0 mem 2\n",
            "net/sockstat6": "TCP6: inuse 3\n",
            "net/tcp": "  sl  local\n" + line.format("0A") + line.format("01"),
            "net/tcp6": "  sl  local\n" + line.format("01"),
        }
    )
    points = named(sockets.sockstat(files))
    assert (points["node_sockstat_sockets_used"], points["node_sockstat_TCP6_inuse"]) == (16, 3)
    assert points["node_sockstat_TCP_mem_bytes"] % 4096 == 0
    states = {labels[0][1]: value for (_, labels), value in told(tcp_states(files)).items()}
    assert (states["established"], states["listen"], states["time_wait"], len(states)) == (2, 1, 0, 11)


def test_a_kernel_without_ipv6(grow: Grow) -> None:
    """Missing files of IPv6 leave the rest as it is."""
    files = grow({"net/sockstat": "sockets: used 1\n", "net/netstat": "", "net/snmp": "", "net/tcp": "  sl\n"})
    assert named(sockets.sockstat(files)) == {"node_sockstat_sockets_used": 1}
    assert named(network.netstat(files)) == {}
    assert len(told(tcp_states(files))) == 11


def test_interfaces_and_sensors(grow: Grow) -> None:
    """Interfaces of /sys with their speed in bytes; temperatures and thermal zones in degrees."""
    base = {"address": "02:fc", "broadcast": "ff:ff", "duplex": "full", "ifalias": "", "operstate": "up"}
    files = grow(
        {f"class/net/eth0/{name}": f"{text}\n" for name, text in base.items()}
        | {"class/net/eth0/speed": "1000\n", "class/net/eth0/mtu": "1500\n", "class/net/eth0/link_mode": "0\n"}
        | {"class/hwmon/hwmon0/name": "k10temp\n", "class/hwmon/hwmon0/temp1_input": "45500\n"}
        | {"class/hwmon/hwmon0/temp1_crit": "90000\n", "class/hwmon/hwmon0/temp1_label": "Tctl\n"}
        | {"class/thermal/thermal_zone0/type": "acpitz\n", "class/thermal/thermal_zone0/temp": "27800\n"}
    )
    net = told(interfaces.interfaces(files))
    eth0 = (("device", "eth0"),)
    assert (net["node_network_up", eth0], net["node_network_speed_bytes", eth0]) == (1, 125_000_000)
    assert net["node_network_mtu_bytes", eth0] == 1500
    chip = (("chip", "k10temp_hwmon0"), ("sensor", "temp1"))
    heat = told(sensors.hwmon(files))
    assert (heat["node_hwmon_temp_celsius", chip], heat["node_hwmon_temp_crit_celsius", chip]) == (45.5, 90)
    zone = (("type", "acpitz"), ("zone", "0"))
    assert told(sensors.thermal(files)) == {("node_thermal_zone_temp", zone): 27.8}


def test_a_thermal_zone_that_answers_with_an_error_costs_itself_alone(grow: Grow) -> None:
    """A zone without a readable temperature is left out; its neighbours and the cooling devices are told."""
    files = grow(
        {f"class/thermal/thermal_zone{n}/type": f"zone{n}\n" for n in range(3)}
        | {"class/thermal/thermal_zone0/temp": "27800\n", "class/thermal/thermal_zone2/temp": "30000\n"}
        | {"class/thermal/cooling_device0/type": "fan\n", "class/thermal/cooling_device0/cur_state": "1\n"}
        | {"class/thermal/cooling_device0/max_state": "3\n"}
    )
    assert [(name, value) for name, _, value in sensors.thermal(files)] == [
        ("node_cooling_device_cur_state", 1),
        ("node_cooling_device_max_state", 3),
        ("node_thermal_zone_temp", 27.8),
        ("node_thermal_zone_temp", 30),
    ]


def test_mounts_that_are_real(grow: Grow) -> None:
    """Pseudo filesystems are left out, escapes undone, and of two on one point the one that is seen stays."""
    files = grow(
        {
            "1/mounts": "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw,relatime 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n"
            "overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0\nold /data xfs rw 0 0\nnew /data ext4 ro 0 0\n"
            "nas:/b\\040k /mnt/b\\040k nfs4 rw 0 0\n/dev/sdb1 /devices xfs rw 0 0\n"
        }
    )
    found = [(each.device, each.point, each.fstype, each.read_only) for each in mounts(files)]
    assert found == [
        ("/dev/sda1", b"/", "ext4", False),
        ("new", b"/data", "ext4", True),
        ("nas:/b k", b"/mnt/b k", "nfs4", False),
        ("/dev/sdb1", b"/devices", "xfs", False),
    ]


def test_a_family_that_fails_leaves_the_others(grow: Grow) -> None:
    """Missing files and strange content cost their own family alone, by reason, and say so in success 0."""
    files = grow({"loadavg": "zero point one\n", "sys/fs/file-nr": "1\t0\t2\n"})
    families = {"loadavg": kernel.loadavg, "filefd": kernel.filefd, "entropy": kernel.entropy}
    reader = FamilyReader(families, files, lambda: 0.0)
    points = told(reader.read())
    success = {labels[0][1]: value for (name, labels), value in points.items() if name.endswith("_success")}
    assert success == {"loadavg": 0, "filefd": 1, "entropy": 0}
    assert points["node_filefd_allocated", ()] == 1
    assert reader.failures == {("loadavg", FamilyFailure.UNEXPECTED): 1, ("entropy", FamilyFailure.MISSING): 1}


def test_files_are_read_anew_in_each_pass(grow: Grow) -> None:
    """Within a pass a file is read once; the next pass sees what is there then, also after the file was replaced."""
    files = grow({"loadavg": "1 1 1\n"})
    assert files.proc("loadavg") == b"1 1 1\n"
    grow({"loadavg": "2 2 2\n"})
    assert files.proc("loadavg") == b"1 1 1\n"
    files.begin()
    assert files.proc("loadavg") == b"2 2 2\n"
    files.close()


def test_tcp_states_of_this_machine() -> None:
    """A listening socket made here is counted, by netlink as by /proc."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        states = {labels[0][1]: value for (_, labels), value in told(tcp_states(HostFiles())).items()}
    assert states["listen"] >= 1
    assert states["established"] >= 2
