"""`thyrosight node`: the DICOM node that assesses the images it receives."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import ssl

    from thyrosight.imaging import Frame
    from thyrosight.inference import Assessment
    from thyrosight.pacs.node import Peer


def node(
    *,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", metavar="BUNDLE", help="The folder `model` that a study wrote; by default what comes along."
        ),
    ] = None,
    segmenter: Annotated[
        Path | None,
        typer.Option("--segmenter", metavar="BUNDLE", help="The model that finds the nodules; default-finder is ours."),
    ] = None,
    title: Annotated[str, typer.Option("--aet", metavar="NAME", help="The node's AE title.")] = "THYROSIGHT",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port it listens on.")] = 11112,
    host: Annotated[
        str, typer.Option("--host", help="The address it listens on; 0.0.0.0 for all, which needs --caller.")
    ] = "127.0.0.1",
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="Where images, results and the queue are kept.")
    ] = Path("thyrosight-node"),
    peers: Annotated[
        list[str] | None,
        typer.Option(
            "--peer",
            metavar="URL",
            help="Where results go: dicom://AET@host:port, dicoms://... (TLS) or https://host/dicom-web; repeatable.",
        ),
    ] = None,
    callers: Annotated[
        list[str] | None,
        typer.Option(
            "--caller",
            metavar="AET|URL",
            help="Who may call: an AE title, or dicom://AET@host:port for reports of storage commitment; repeatable.",
        ),
    ] = None,
    called: Annotated[
        list[str] | None, typer.Option("--called", metavar="NAME", help="A further AE title of the node.")
    ] = None,
    results: Annotated[
        str, typer.Option("--results", help="Which results to make, of report, outline, heat-map, document.")
    ] = "report,heat-map,document",
    frames: Annotated[int, typer.Option("--frames", min=1, help="How many frames of a loop to assess.")] = 8,
    disk: Annotated[
        float, typer.Option("--disk-limit", metavar="GB", min=0.001, help="Most that the folder takes.")
    ] = 50,
    largest: Annotated[int, typer.Option("--image-limit", metavar="MB", min=1, help="Most that an image takes.")] = 512,
    certificate: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="The node's certificate; it then takes TLS only.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="The certificate's key.")] = None,
    authority: Annotated[
        Path | None,
        typer.Option("--tls-ca", metavar="FILE", help="The authority that callers' and peers' certificates come from."),
    ] = None,
    commitment: Annotated[
        bool,
        typer.Option(
            "--commitment",
            help="Ask dicom:// peers for storage commitment; a result is delivered once they confirm it.",
        ),
    ] = False,
    worklist: Annotated[
        str | None,
        typer.Option(
            "--worklist", metavar="URL", help="dicom://AET@host:port of a modality worklist: assess only its patients."
        ),
    ] = None,
    worklist_days: Annotated[
        int, typer.Option("--worklist-days", min=0, help="Days before and after today that belong to the worklist.")
    ] = 1,
    report_refusals: Annotated[
        bool, typer.Option("--report-refusals", help="Send a short report of each image that cannot be assessed.")
    ] = False,
    on_refusal: Annotated[
        str | None,
        typer.Option(
            "--on-refusal",
            metavar="PROGRAM",
            help="Run for each such image with its identifier, caller and reason; to send an e-mail, for example.",
        ),
    ] = None,
    retry: Annotated[
        bool,
        typer.Option("--retry-refused", help="Try again what could not be assessed, after an upgrade for example."),
    ] = False,
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help="Also write the log to a file.")] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps, or auto for the fastest.")] = "auto",
    backend: Annotated[
        str, typer.Option("--backend", help="What runs the network: onnx, openvino, torch, or auto.")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", min=1, help="Threads of the processor; all by default.")
    ] = None,
) -> None:
    """Receive ultrasound images by DICOM, assess them, and send the results on. For research use only.

    Images that the node acknowledges are on the disk: stopped or killed at any moment, the same command goes on where
    it was.
    """
    from thyrosight.assessing import assess, load_model
    from thyrosight.inference.shipped import judge_and_finder
    from thyrosight.memory import share_one_heap
    from thyrosight.pacs.node import Limits, Node, NodeSettings, parse_peer

    _log_to(log)
    share_one_heap()
    judge, finder = (
        None if one is None else load_model(one, device=device, backend=backend, threads=threads)
        for one in judge_and_finder(model, segmenter)
    )
    kinds = tuple(kind.strip() for kind in results.split(",") if kind.strip())
    server_tls, peer_tls = _tls(certificate, key, authority)
    settings = NodeSettings(
        title=title,
        port=port,
        folder=folder,
        host=host,
        peers=tuple(parse_peer(text) for text in peers or []),
        kinds=kinds,
        callers=dict(_caller(text) for text in callers or []),
        called=tuple(called or []),
        limits=Limits(disk=int(disk * 1e9), image=largest * 10**6),
        commitment=commitment,
        worklist=None if worklist is None else parse_peer(worklist),
        worklist_days=worklist_days,
        report_refusals=report_refusals,
        on_refusal=() if on_refusal is None else (on_refusal,),
        retry_refused=retry,
        server_tls=server_tls,
        peer_tls=peer_tls,
    )
    explain = bool({"heat-map", "document"} & set(kinds))

    def assess_file(path: Path) -> "list[tuple[Assessment, Frame]]":
        return assess(path, model=judge, segmenter=finder, frames=frames, explain=explain).with_frames()

    running = Node(settings, assess_file)
    running.start()
    typer.echo(f"{title} listens on {host}:{running.port}; Ctrl-C ends it. For research use only, not for diagnosis.")
    _wait_for_the_end()
    typer.echo("Ending; what is under way is finished first.", err=True)
    running.stop()


def _wait_for_the_end() -> None:
    """Wait for Ctrl-C, or the signal with which service managers end a program."""
    import signal
    import threading

    end = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: end.set())
    while not end.wait(0.5):  # Windows delivers signals only between waits
        pass


def _caller(text: str) -> "tuple[str, Peer | None]":
    from thyrosight.pacs.node import parse_peer

    if "://" not in text:
        return text, None
    peer = parse_peer(text)
    return peer.title, peer


def _tls(
    certificate: Path | None, key: Path | None, authority: Path | None
) -> "tuple[ssl.SSLContext | None, ssl.SSLContext]":
    from thyrosight.pacs import DicomError
    from thyrosight.pacs.node import peer_context, server_context

    if (certificate is None) != (key is None):
        raise DicomError("--tls-cert and --tls-key belong together; give both or neither.")
    server = server_context(certificate, key, authority) if certificate is not None and key is not None else None
    return server, peer_context(authority, certificate, key)


def _log_to(path: Path | None) -> None:
    """The log on standard error and in a file that is cut at 10 MB; it names objects and callers, never patients."""
    import logging
    import warnings
    from logging.handlers import RotatingFileHandler

    from thyrosight.files import make_folder

    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if path is not None:
        make_folder(path.parent)
        handlers.append(RotatingFileHandler(path, maxBytes=10**7, backupCount=5, encoding="utf-8"))
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    logger = logging.getLogger("thyrosight.node")
    logger.setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(form)
        logger.addHandler(handler)
    # Libraries quote values out of headers, which may name patients.
    for library in ("pynetdicom", "pydicom", "highdicom"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", module=library)
