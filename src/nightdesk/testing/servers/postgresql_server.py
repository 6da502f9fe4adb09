"""A real PostgreSQL on loopback for tests: a cluster of its own in a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from nightdesk.testing.desk import free_port, wait_until
from nightdesk.testing.servers.ports import wait_for_port
from nightdesk.testing.servers.services import missing

USER: Final = "postgres"
PASSWORD: Final = "correct horse battery"  # noqa: S105 - of a cluster that lives for one test
_FOLDERS: Final = Path("/usr/lib/postgresql")
_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0


class PostgresqlServer:
    """Runs from `with` to its end. PostgreSQL refuses to run as root, so there it runs as the user `postgres`."""

    def __init__(self) -> None:
        """Find the programs of the newest release that is installed; skips where there is none."""
        found = sorted(_FOLDERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not found:
            missing("PostgreSQL is not installed")
        self._programs = found[-1].parent
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="nightdesk-pg-"))
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, program: str, *arguments: str) -> str:
        """Run one of its programs to its end and return what it printed."""
        command = [*self._as_user(), str(self._programs / program), *arguments]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=True, env=environment, cwd=self.folder
        )
        return done.stdout

    def start(self) -> None:
        """Start it on the cluster, and wait until it takes connections."""
        self.process = subprocess.Popen(
            [
                *self._as_user(),
                str(self._programs / "postgres"),
                "-D",
                str(self.folder / "data"),
                "-p",
                str(self.port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                f"unix_socket_directories={self.folder}",
                "-c",
                "fsync=off",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        wait_for_port(self.port)
        # It takes connections a moment before it answers them, the longer after a crash.
        wait_until(self._is_ready, _READY_SECONDS, "PostgreSQL answers")

    def _is_ready(self) -> bool:
        command = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, timeout=30, check=False).returncode == 0

    def stop(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            # The server itself, not what may stand before it: its own number is in its folder.
            self.run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.folder / "data"))
            self.process.wait(_STOP_SECONDS)
            self.process = None

    def __enter__(self) -> Self:
        if self._as_user():
            shutil.chown(self.folder, USER, USER)
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self.run("initdb", "-D", str(self.folder / "data"), "-U", USER, "-A", "scram-sha-256", "--pwfile",
                 str(password), "--no-sync", "--encoding", "UTF8", "--locale", "C")  # fmt: skip
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        who = pwd.getpwnam(USER)
        return ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
