"""The composition root: the only place that knows both ends of every socket.

Nothing starts here; `Wired.start` does, and `Wired.stop` ends it in the opposite order.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from nightdesk.alerts.book import Book
from nightdesk.alerts.lost import still_lost
from nightdesk.alerts.raised import is_raised
from nightdesk.app.bots.opening import open_bots, open_roster
from nightdesk.app.channels.desk import ChannelDesk, open_channels
from nightdesk.app.channels.messages import Messenger
from nightdesk.app.desk import Desk, Sources
from nightdesk.app.figures.gather import Source, exposition, gather
from nightdesk.app.figures.pulse import Pulse
from nightdesk.app.flags import flags_of
from nightdesk.app.keeping.desk import KeepingDesk
from nightdesk.app.keeping.retention import retain, retention_of
from nightdesk.app.keeping.tiers import of_tiers, open_with_tiers
from nightdesk.app.live.live_alerts import LiveAlerts
from nightdesk.app.live.sink import TellingSink
from nightdesk.app.measuring.accelerators import Accelerators, devices_seen
from nightdesk.app.measuring.collectors import Collectors
from nightdesk.app.measuring.filesystems import filesystems_left_out
from nightdesk.app.measuring.vitals import VitalsReader
from nightdesk.app.performance.account import KnownAccounts
from nightdesk.app.query_executor import ThreadQueryExecutor
from nightdesk.app.questions import asks
from nightdesk.app.raised import RaisedAlerts
from nightdesk.app.reload import Checked, LastReload, Reload, Reread, check
from nightdesk.app.rule_groups import thresholds_of
from nightdesk.app.settings.settings import LimitSettings, Settings
from nightdesk.app.standing.holdings import LatelyHeld
from nightdesk.app.supervisor import Supervisor
from nightdesk.app.system_analysis import SystemAnalyst
from nightdesk.app.telling import sources as own
from nightdesk.app.telling.judge import StandingJudge
from nightdesk.app.telling.teller import Teller
from nightdesk.app.tokens import Brake, Keys, read_or_make_token
from nightdesk.app.trading.following import Following
from nightdesk.app.trading.opening import open_trading
from nightdesk.clock import Clock
from nightdesk.collect.accelerators.collector import own_instance
from nightdesk.collect.intake.metadata import MetadataBook
from nightdesk.collect.intake.remote_write import RemoteWriteDecoder
from nightdesk.collect.intake.text_import import TextImportJob
from nightdesk.collect.loop import CollectLoop
from nightdesk.deliver.courier import Courier
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import SECOND
from nightdesk.query.engine import Engine
from nightdesk.query.limits import LOOKBACK, Limits, QueryBudget
from nightdesk.rules.runner import RuleRunner
from nightdesk.store.folder import DataFolder
from nightdesk.store.ingest import IngestThread
from nightdesk.store.records.records import Records
from nightdesk.store.records.spill import SpillingRecords
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.snapshot import clear_unfinished
from nightdesk.store.tiers.tiers import Tiers
from nightdesk.workers import Executor, Workers

INGEST_STOP_SECONDS: Final = 3.0
MOST_LOOKED_THROUGH: Final = 1_000
"""Newest messages among which a start looks for those that were given up and are to be told anew."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lake:
    """What keeps: the folder, the records, the samples, and the one way in."""

    folder: DataFolder
    records: SpillingRecords
    store: SampleStore
    tiers: Tiers
    ingest: IngestThread


@dataclass(frozen=True, slots=True)
class Rivers:
    """What flows: collectors into the lake, rules over it, messages out of it."""

    collectors: Collectors
    collecting: CollectLoop
    book: Book
    runner: RuleRunner
    raised: RaisedAlerts
    sender: SenderProcess
    courier: Courier


@dataclass(frozen=True, slots=True)
class Wired:
    """A desk whose parts know each other; nothing of it runs before `start`."""

    desk: Desk
    lake: Lake
    rivers: Rivers
    supervisor: Supervisor
    pulse: Pulse
    teller: Teller
    executor: ThreadQueryExecutor
    held: ExitStack
    """What was opened; closed in the opposite order."""

    def start(self) -> None:
        """Start the threads: the way in first, then the rules, which write through it."""
        self.lake.ingest.start()
        self.rivers.runner.start()

    def stop(self) -> bool:
        """End the threads, the rules first; blocks. Returns False where queued samples had to be left."""
        self.rivers.runner.stop()
        return self.lake.ingest.stop(INGEST_STOP_SECONDS)

    def close(self) -> None:
        """Close store, records and folder."""
        self.held.close()


def wire(settings: Settings, reread: Reread, clock: Clock) -> Wired:
    """Open the folder and put a desk together; at a fault whatever was opened is closed again.

    Raises:
        StoreError: the folder or a file in it cannot be used.
        SettingsError, RuleFileError, Unsafe: the settings, a secret or a rule file cannot be used.
    """
    with ExitStack() as held:
        checked = check(settings)
        lake = _lake(settings, clock, held)
        keys = Keys(read_or_make_token(lake.folder.token), clock)
        chores, scribe, telling = Workers("chores"), Workers("scribe"), Workers("raised")
        deleters, keepers = Workers("deleting"), Workers("keeping")
        for workers in (chores, scribe, telling, deleters, keepers):
            held.callback(workers.stop)
        limits = _limits(settings.limits)
        executor = _executor(limits, settings.limits.query_concurrency, clock, held)
        engine = Engine(lake.store, clock, LOOKBACK, limits, tiers=lake.tiers, flaws=lake.tiers.flaws)
        figures: list[Source] = []
        book = MetadataBook()
        bells: list[Callable[[], None]] = []
        seen = partial(devices_seen, lake.store, clock, partial(QueryBudget, limits, clock))
        trading, accounts = open_trading(lake.folder, clock, held, lake.folder.free_ballast), KnownAccounts()
        roster = open_roster(lake.store, clock, partial(QueryBudget, limits, clock))
        collectors = Collectors(clock, figures, chores, Accelerators(clock, seen), Following(trading, accounts.use))
        judging = Engine(lake.store, clock, limits=limits, short_circuits=True)
        rivers = _rivers(checked, lake, judging, clock, collectors, bells, telling)
        supervisor, pulse = Supervisor(clock), Pulse(clock)
        channels = open_channels(
            lake.folder, lake.records, rivers.sender, rivers.courier, checked.router, clock, chores
        )
        judge = _judge(settings, clock, lake, rivers, channels, pulse, supervisor)
        vitals = VitalsReader(
            lake.store,
            thresholds_of(settings),
            settings.desk.interval,
            collects=settings.desk.collect,
            here=own_instance(),
            reasons=collectors.reason,
            notes=collectors.note,
        )
        reload = Reload(reread, settings, rivers.runner, rivers.book, rivers.sender, rivers.collecting,
                        rivers.collectors, vitals, channels, partial(retain, lake.store, lake.tiers), chores, clock,
                        LastReload(clock.now(), settings))  # fmt: skip
        sources = Sources(
            clock=clock,
            ask=asks(engine),
            labels=lake.tiers.names,
            flaws=lake.tiers.flaws,
            intake=lake.ingest,
            decode=RemoteWriteDecoder(settings.limits.decompressed_bytes, book),
            decode_text=partial(TextImportJob, most=settings.limits.decompressed_bytes, book=book),
            alerts=lake.records.alerts,
            outbox=lake.records.outbox,
            live=rivers.book.live,
            alerts_now=partial(LiveAlerts.of, rivers.book),
            raised=rivers.raised,
            analyse=SystemAnalyst(lake.store).analyse,
            messages=Messenger(
                lake.records.alerts, rivers.courier.wake, clock, telling, lambda: rivers.sender.channels
            ),
            by_rule=rivers.book.by_rule,
            health=rivers.runner.health,
            collectors=rivers.collecting.health,
            filesystems_left_out=filesystems_left_out,
            vitals=lambda now: vitals.read(now, QueryBudget(limits, clock)),
            standing=judge,
            held=LatelyHeld(lake.store, clock, chores).now,
            figures=lambda: exposition(gather(figures)),
            seal=lake.store.seal,
            release=rivers.runner.release,
            reload=reload,
            channels=channels,
            keeping=KeepingDesk(lake.store, lake.tiers, lake.folder.path, clock, deleters, keepers),
            trading=trading,
            accounts=accounts,
            bots=open_bots(lake.folder, roster, lake.ingest, trading, executor, engine.instant, lake.store, clock),
            query_seconds=limits.seconds,
            query_steps=limits.steps,
            told=book.told,
            flags=lambda: flags_of(reload.last.settings),
        )
        desk = Desk(sources, executor, chores, scribe, keys, Brake(clock))
        teller = Teller(desk, clock, settings.desk.interval / SECOND)
        bells += [rivers.courier.wake, teller.alerts_changed]
        figures += [
            *_figures(desk, lake, rivers, executor, pulse, supervisor, clock),
            partial(own.of_reload, reload.last),
        ]
        return Wired(desk, lake, rivers, supervisor, pulse, teller, executor, held.pop_all())


def _lake(settings: Settings, clock: Clock, held: ExitStack) -> Lake:
    folder = DataFolder.open(settings.desk.data)
    held.callback(folder.close)
    clear_unfinished(folder.path)
    stored = Records.open(folder.state_db, folder.free_ballast)
    held.callback(stored.close)
    store, tiers = _store(settings, folder, clock)
    held.callback(store.close)
    held.callback(tiers.close)
    records = SpillingRecords(stored, clock, on_full=folder.free_ballast)
    ingest = IngestThread(store, clock, maintenance=lambda: store.maintain() or tiers.maintain())
    return Lake(folder, records, store, tiers, ingest)


def _store(settings: Settings, folder: DataFolder, clock: Clock) -> tuple[SampleStore, Tiers]:
    """Open samples and tiers; on a disk without a byte left only after the ballast was given up."""
    opened = partial(
        open_with_tiers,
        settings.tiers,
        folder.samples,
        clock=clock,
        retention_ms=settings.desk.retention,
        max_series=settings.limits.series,
        retention=retention_of(settings.retention),
    )
    try:
        return opened()
    except DataFolderFull:
        folder.free_ballast()
        return opened()


def _limits(settings: LimitSettings) -> Limits:
    return Limits(
        samples=settings.query_samples,
        series=settings.query_series,
        steps=settings.query_steps,
        memory=settings.query_memory_bytes,
        seconds=settings.query_timeout / SECOND,
    )


def _executor(limits: Limits, threads: int, clock: Clock, held: ExitStack) -> ThreadQueryExecutor:
    executor = ThreadQueryExecutor(lambda deadline, gone: QueryBudget(limits, clock, gone, deadline), clock, threads)
    held.callback(executor.stop)
    return executor


def _rivers(
    checked: Checked,
    lake: Lake,
    engine: Engine,
    clock: Clock,
    collectors: Collectors,
    bells: Sequence[Callable[[], None]],
    telling: Executor,
) -> Rivers:
    settings = checked.settings
    collecting = CollectLoop(collectors.of(settings), lake.ingest, clock, most_new_series=settings.limits.target_series)
    restored = lake.records.alerts.live()
    book = Book(lake.records.alerts, checked.router)
    for notice in still_lost(lake.records.outbox.entries(MOST_LOOKED_THROUGH)):
        book.given_up(notice)
    sender = SenderProcess(checked.channels, clock, public_url=settings.desk.public_url)
    sink, of_rules = TellingSink(book, bells), [alert for alert in restored if not is_raised(alert)]
    runner = RuleRunner(checked.groups, engine, sink, lake.ingest, clock, of_rules, fresh=lambda: collecting.fresh)
    raised = RaisedAlerts(sink, clock, telling, restored)
    courier = Courier(lake.records.outbox, sender, clock, shows_here=sender.is_desktop, on_given_up=book.given_up)
    return Rivers(collectors, collecting, book, runner, raised, sender, courier)


def _judge(
    settings: Settings,
    clock: Clock,
    lake: Lake,
    rivers: Rivers,
    channels: ChannelDesk,
    pulse: Pulse,
    supervisor: Supervisor,
) -> StandingJudge:
    return StandingJudge(
        clock=clock,
        data=settings.desk.data,
        interval_ms=settings.desk.interval,
        store=lake.store,
        ingest=lake.ingest,
        runner=rivers.runner,
        collecting=rivers.collecting,
        records=lake.records,
        courier=rivers.courier,
        pulse=pulse,
        supervisor=supervisor,
        channels=channels,
    )


def _figures(
    desk: Desk,
    lake: Lake,
    rivers: Rivers,
    executor: ThreadQueryExecutor,
    pulse: Pulse,
    supervisor: Supervisor,
    clock: Clock,
) -> list[Source]:
    """Return every source of the desk's own figures."""
    return [
        partial(own.of_process, pulse, clock, clock.boot(), supervisor.crashes),
        partial(own.of_rules, rivers.runner),
        partial(own.of_ingest, lake.ingest),
        partial(own.of_store, lake.store),
        partial(of_tiers, lake.tiers),
        partial(own.of_folder, lake.folder),
        partial(own.of_collecting, rivers.collecting),
        partial(own.of_host, rivers.collectors),
        partial(own.of_courier, rivers.courier),
        partial(own.of_records, lake.records),
        lambda: own.of_alerts(rivers.book.live()),
        partial(own.of_notices, lake.records),
        partial(own.of_faces, executor, desk.broadcast, desk.answers, lambda: desk.answers_cut),
    ]
