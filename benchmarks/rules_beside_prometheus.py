"""CPU of a round of alert rules: a desk and a real Prometheus over the same exporter, in the same run, turn by turn.

    python benchmarks/rules_beside_prometheus.py [--rules 10000] [--shapes 1] [--rounds 4] [--turns 2]

An exporter of our own serves one gauge of as many series as there are rules, read every 15 s; each rule judges its own
series every 5 s, one in a hundred is true. `--shapes 10` mixes ten forms of expression: thresholds, windows over one
series, aggregations of ten. Each kind runs once with the rules and once without; what it spends without them is taken
off. A B A B; CPU is that of the process from /proc, rounds are counted by the servers themselves.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from nightdesk.testing.desk import DeskProcess, free_port

EVERY: Final = 5
WARM_SECONDS: Final = 35.0
"""Until two scrapes and some rounds are over: the first round of a rule costs more than the next."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
FORMS: Final = (
    "{one} > 99",
    "avg_over_time({one}[2m]) > 99",
    "max_over_time({one}[3m]) - min_over_time({one}[3m]) > 50",
    "abs(deriv({one}[4m])) > 9",
    "sum({ten}) > 900",
    "{one} / on () group_left () avg({ten}) > 5",
    "quantile(0.9, {ten}) > 99",
    "changes({one}[3m]) > 3",
    "count({ten} > 95) > 8",
    "predict_linear({one}[5m], 3600) > 500",
)
ITERATIONS: Final = {"nightdesk": "nightdesk_rule_rounds_total", "prometheus": "prometheus_rule_group_iterations_total"}


def rule_file(rules: int, shapes: int) -> str:
    """Return a rule file of one group."""
    lines = ["groups:", "- name: load", f"  interval: {EVERY}s", "  rules:"]
    for number in range(rules):
        one, ten = f'load_value{{i="{number:05d}"}}', f'load_value{{i=~"{number // 10:04d}."}}'
        expr = FORMS[number % min(shapes, len(FORMS))].format(one=one, ten=ten)
        lines += [f"  - alert: Load{number}", f"    expr: '{expr}'", "    for: 30s"]
        lines += [f"    labels: {{team: t{number % 7}}}"]
        lines += [f"    annotations: {{summary: 'load {number} is {{{{ $value }}}}'}}"]
    return "\n".join(lines) + "\n"


@contextmanager
def exporter(series: int) -> Iterator[int]:
    """Serve the gauge; yield the port."""
    rows = (f'load_value{{i="{row:05d}"}} {100 if row % 100 == 0 else row % 90}\n' for row in range(series))
    body = ("# TYPE load_value gauge\n" + "".join(rows)).encode()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


@contextmanager
def desk(folder: Path, target: int, rules: str) -> Iterator[tuple[int, int]]:
    """Run a desk; yield its process and its port."""
    (folder / "rules.yml").write_text(rules)
    settings = f"""
[rules]
shipped = false
files = ["{folder / "rules.yml"}"]
[[scrape]]
job = "load"
interval = "15s"
targets = ["127.0.0.1:{target}"]
"""
    with DeskProcess(folder, "--no-auth", "--no-collect", settings=settings) as process:
        yield process.pid, process.port


@contextmanager
def prometheus(folder: Path, target: int, rules: str) -> Iterator[tuple[int, int]]:
    """Run a Prometheus; yield its process and its port."""
    (folder / "rules.yml").write_text(rules)
    (folder / "prometheus.yml").write_text(
        f"global: {{scrape_interval: 15s}}\nrule_files: [{folder / 'rules.yml'}]\n"
        f"scrape_configs: [{{job_name: load, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}]\n"
    )
    port = free_port()
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
               f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]  # fmt: skip
    process = subprocess.Popen(command)
    try:
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(20)


def cpu(pid: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rounds(kind: str, port: int) -> float:
    """Return how many rounds a server has made."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    name = ITERATIONS[kind]
    return sum(float(line.split()[-1]) for line in lines if line.startswith((name + "{", name + " ")))


def turn(kind: str, target: int, rules: str, seconds: float) -> tuple[float, float]:
    """Run one server with the rules and one without; return CPU seconds a round, those without the rules taken off."""
    server = desk if kind == "nightdesk" else prometheus
    with ExitStack() as held:
        busy, idle = (Path(held.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        pid, port = held.enter_context(server(busy, target, rules))
        other, _ = held.enter_context(server(idle, target, "groups: []\n"))
        time.sleep(WARM_SECONDS)
        before, first = (cpu(pid), cpu(other)), rounds(kind, port)
        time.sleep(seconds)
        made = rounds(kind, port) - first
        spent, without = cpu(pid) - before[0], cpu(other) - before[1]
    return (spent - without) / max(made, 1.0), made


def main() -> None:
    """Measure in turn and print the ratio."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rules", type=int, default=10_000)
    words.add_argument("--shapes", type=int, default=1)
    words.add_argument("--rounds", type=int, default=4)
    words.add_argument("--turns", type=int, default=2)
    given = words.parse_args()
    kinds = ["nightdesk", "prometheus"] if shutil.which("prometheus") else ["nightdesk"]
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    text = rule_file(given.rules, given.shapes)
    with exporter(given.rules) as target:
        for _ in range(given.turns):
            for kind in kinds:
                a_round, made = turn(kind, target, text, given.rounds * EVERY)
                found[kind].append(a_round)
                figures = f"{1000 * a_round:.1f} ms of CPU a round, {1e6 * a_round / given.rules:.1f} us a rule"
                print(f"{kind}: {figures}, {made:.0f} rounds", flush=True)
    medians = {kind: statistics.median(values) for kind, values in found.items()}
    if len(medians) == 2:
        ratio = medians["nightdesk"] / medians["prometheus"]
        print(f"{given.rules} rules, {given.shapes} shapes: {ratio:.2f} of Prometheus")


if __name__ == "__main__":
    main()
