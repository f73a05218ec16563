"""The pages of signed reports, kept as bytes: a later version of the programme would draw and word them otherwise."""

from typing import Final

from thyrosight.files import sha256_of_bytes
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import Report, Signature
from thyrosight.server.reporting.pages import sheet_of
from thyrosight.server.reporting.pictures import picture_of
from thyrosight.server.studies import FileStore, FrameServer

KEPT: Final = "report pages kept"


def pages_of(
    report: Report,
    signature: Signature | None,
    *,
    database: Database,
    store: FileStore,
    frames: FrameServer,
    clock: Clock,
) -> bytes:
    """The report as PDF. Of a signed one always the same bytes, whose hash stands in the audit trail.

    They are made and kept with the signature; those of reports that an earlier version signed, when they are first
    asked for.
    """
    kept = store.result(f"{report.id.hex}-pages.pdf")
    if signature is not None and kept.is_file():
        return kept.read_bytes()
    made = _drawn(report, signature, database=database, store=store, frames=frames)
    if signature is None:
        return made
    with database.write() as session:
        if kept.is_file():  # another request was faster
            return kept.read_bytes()
        append(
            session, who="system", what=KEPT, object=f"report {report.id}", body={"sha256": sha256_of_bytes([made])},
            clock=clock,
        )  # fmt: skip
        store.put(kept.name, made)
    return made


def _drawn(
    report: Report, signature: Signature | None, *, database: Database, store: FileStore, frames: FrameServer
) -> bytes:
    from thyrosight.server.reporting.pdf import pdf_of  # brings the drawing of pages, which comes with the first report

    moment = report.created_at if signature is None else signature.created_at
    with database.read() as session:
        return pdf_of(
            sheet_of(report, signature),
            lambda name: picture_of(session, name, store=store, frames=frames),
            moment=f"{moment:%Y%m%d%H%M%S}",
        )
