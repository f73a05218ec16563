"""Services that all requests share: the database, the files, and the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field

from thyrosight.server.accounts import Passwords
from thyrosight.server.clock import Clock, utc_now
from thyrosight.server.database import Database, migrate
from thyrosight.server.jobs import Models
from thyrosight.server.peer_book import PeerBook
from thyrosight.server.peers import PeerEntry, read_peers
from thyrosight.server.settings import ServerSettings
from thyrosight.server.site import Site
from thyrosight.server.studies import FileStore, FrameServer, Taker
from thyrosight.server.studies.uploading import Uploading


@dataclass(frozen=True, eq=False)
class Services:
    """Services that all requests share.

    Attributes:
        settings: how the workstation is run.
        database: with all tables made.
        store: the files of the data folder.
        passwords: hashes and checks them.
        clock: gives the time.
        frames: pictures for browsers.
        taker: takes files in.
        peers: archives and nodes by their name, as they are now.
        peer_book: changes those that were entered in the browser.
        models: that judge and look for nodules.
        on_job: called when a job was put into the queue.
        uploading: writes the pieces of uploads.
        site: settings that an administrator changes while it runs.
    """

    settings: ServerSettings
    database: Database
    store: FileStore
    passwords: Passwords
    clock: Clock
    frames: FrameServer = field(init=False)
    taker: Taker = field(init=False)
    models: Models = field(init=False)
    peers: dict[str, PeerEntry] = field(default_factory=dict)
    peer_book: PeerBook = field(init=False)
    on_job: list[Callable[[], None]] = field(default_factory=list)
    uploading: Uploading = field(default_factory=Uploading)
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "site", Site(self.database, self.clock))
        object.__setattr__(self, "peer_book", PeerBook(self.database, self.clock, self.peers))
        object.__setattr__(self, "frames", FrameServer(self.store))
        object.__setattr__(self, "models", Models(self.settings))
        object.__setattr__(self, "taker", Taker(self.database, self.store, self.clock))

    def wake(self) -> None:
        """Tell those who do jobs that there is one."""
        for call in self.on_job:
            call()

    def close(self) -> None:
        """Close what is open."""
        self.database.close()


def open_services(settings: ServerSettings, *, clock: Clock = utc_now, passwords: Passwords | None = None) -> Services:
    """Make the data folder and the tables, or bring them up to date, and open them.

    Raises:
        SettingsError: settings do not fit together.
        DatabaseError: the database cannot be opened.
        OutputError: the data folder cannot be written.
    """
    settings.check()
    peers = read_peers(settings.peers)
    store = FileStore(settings.data)
    database = Database(settings.url)
    migrate(database)
    return Services(settings, database, store, passwords or Passwords(), clock, peers=peers)
