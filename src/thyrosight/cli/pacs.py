"""`thyrosight pacs`: results as DICOM objects, and archives."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.pacs import Assessed, DicomWeb, Findings
    from thyrosight.pacs.dicomweb import Login

app = typer.Typer(no_args_is_help=True)

Url = Annotated[str, typer.Argument(metavar="URL", help="The archive's DICOMweb address, https://host/dicom-web.")]
Authority = Annotated[
    Path | None, typer.Option("--tls-ca", metavar="FILE", help="The authority that the archive's certificate is from.")
]
User = Annotated[
    str,
    typer.Option(
        "--user",
        metavar="NAME",
        envvar="THYROSIGHT_USER",
        help="The login; the password is asked for, or taken from THYROSIGHT_PASSWORD. Without it, from .netrc.",
    ),
]
Token = Annotated[
    str,
    typer.Option("--token", metavar="TOKEN", envvar="THYROSIGHT_TOKEN", help="A bearer token in place of a login."),
]
Certificate = Annotated[
    Path | None, typer.Option("--tls-cert", metavar="FILE", help="A client certificate, where the archive wants one.")
]
Key = Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="The certificate's key.")]


@app.command("objects")
def objects(
    image: Annotated[Path, typer.Argument(metavar="IMAGE.dcm", help="A DICOM ultrasound image or loop.")],
    *,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", metavar="BUNDLE", help="The folder `model` that a study wrote; by default what comes along."
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the objects are written.")],
    box: Annotated[str | None, typer.Option("--box", metavar="L,T,R,B", help="The nodule, in pixels.")] = None,
    mask: Annotated[
        Path | None,
        typer.Option("--mask", metavar="FILE", help="The nodule as a mask image: box and outline of its largest part."),
    ] = None,
    results: Annotated[
        str, typer.Option("--results", help="Which results to make, of report, outline, heat-map, document.")
    ] = "report,outline,heat-map,document",
    frames: Annotated[int, typer.Option("--frames", min=1, help="How many frames of a loop to assess.")] = 8,
    system: Annotated[str, typer.Option("--tirads-system", help="acr or 'ACR TI-RADS 2017', for example.")] = "",
    category: Annotated[
        str, typer.Option("--tirads-category", help="For example TR4; without it, what follows from the descriptors.")
    ] = "",
    descriptors: Annotated[
        list[str] | None,
        typer.Option("--descriptor", metavar="FEATURE=TERM", help="echogenicity=hypoechoic, for example; repeatable."),
    ] = None,
    origin: Annotated[str, typer.Option("--findings-from", help="Who gave category and descriptors.")] = "not stated",
    laterality: Annotated[str, typer.Option("--laterality", help="L or R.")] = "",
    nodule: Annotated[str, typer.Option("--nodule", help="The nodule's name, the same in all its images.")] = "",
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps, or auto for the fastest.")] = "auto",
) -> None:
    """Assess a DICOM image and write the result as DICOM objects. For research use only, not for diagnosis."""
    from thyrosight.pacs import make_objects, read_source, write_object

    source = read_source(image)
    assessed = _assess(image, model=model, box=box, mask=mask, frames=frames, device=device)
    kinds = [kind.strip() for kind in results.split(",") if kind.strip()]
    made, left_out = make_objects(
        [one for one, _ in assessed],
        source,
        [frame for _, frame in assessed],
        kinds=kinds,
        findings=_findings(system, category, descriptors or [], origin=origin, laterality=laterality, nodule=nodule),
        drawn_by_person=mask is not None,
    )
    for item in made:
        typer.echo(f"{item.kind}: {write_object(item, out)}")
    for missing in left_out:
        typer.echo(f"No {missing.kind}: {missing.reason}.", err=True)
    typer.echo("For research use only. Not a medical device; not for diagnosis.")


def _assess(
    image: Path, *, model: Path | None, box: str | None, mask: Path | None, frames: int, device: str
) -> "Assessed":
    from thyrosight.assessing import assess
    from thyrosight.cli.image_arguments import box_argument
    from thyrosight.imaging import Box, read_mask
    from thyrosight.inference import Request
    from thyrosight.pacs import DicomError, contour_of
    from thyrosight.pacs.measuring import mask_of

    if box is not None and mask is not None:
        raise DicomError("Give --box or --mask, not both: the box follows from the mask.")
    request = Request(image, box_argument(box))
    marked = None if mask is None else read_mask(mask)
    if marked is not None:
        contour = contour_of(marked)
        request = Request(image, Box.from_mask(mask_of(contour, marked.shape)), contour=tuple(contour))
    assessed = assess(request, model=model, frames=frames, explain=True, device=device).with_frames()
    first = assessed[0][1]
    if marked is not None and marked.shape != (first.rows, first.columns):
        raise DicomError(f"{mask}: the mask has another size than {image}; give the mask of this image.")
    return assessed


def _findings(
    system: str, category: str, descriptors: list[str], *, origin: str, laterality: str, nodule: str
) -> "Findings":
    from pydantic import ValidationError

    from thyrosight.pacs import DicomError, Findings, with_category

    wrong = next((text for text in descriptors if "=" not in text), None)
    if wrong is not None:
        raise DicomError(f"--descriptor {wrong!r}: write FEATURE=TERM, for example echogenicity=hypoechoic.")
    split = [text.split("=", 1) for text in descriptors]
    pairs = {feature.strip(): term.strip() for feature, term in split}
    try:
        given = Findings(
            system=system, category=category, descriptors=pairs, origin=origin, laterality=laterality, nodule=nodule
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise DicomError(f"--{first['loc'][0]}: {first['msg']}.") from error
    return with_category(given)


@app.command("find")
def find(
    url: Url,
    *,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--match", metavar="KEYWORD=VALUE", help="PatientID=P-1 or StudyDate=20260101-20260131; repeatable."
        ),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Most studies to list.")] = 1000,
    user: User = "",
    token: Token = "",
    authority: Authority = None,
    certificate: Certificate = None,
    key: Key = None,
) -> None:
    """List the studies of an archive (QIDO-RS): date, patient, modalities, description and identifier, by tabs."""
    from itertools import islice

    from thyrosight.pacs import DicomError
    from thyrosight.pacs.dicomweb import values

    wrong = next((text for text in filters or [] if "=" not in text), None)
    if wrong is not None:
        raise DicomError(f"--match {wrong!r}: write KEYWORD=VALUE, for example PatientID=P-1.")
    wanted = dict(text.split("=", 1) for text in filters or [])
    keywords = ("StudyDate", "PatientID", "ModalitiesInStudy", "StudyDescription", "StudyInstanceUID")
    archive = _archive(url, login=_login(user, token, certificate, key), authority=authority)
    for item in islice(archive.search("studies", filters=wanted, fields=keywords), most):
        typer.echo("\t".join(",".join(values(item, keyword)) for keyword in keywords))


@app.command("fetch")
def fetch(
    url: Url,
    *,
    study: Annotated[str, typer.Option("--study", metavar="UID", help="The Study Instance UID.")],
    series: Annotated[str | None, typer.Option("--series", metavar="UID", help="Only this series.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files are written.")],
    user: User = "",
    token: Token = "",
    authority: Authority = None,
    certificate: Certificate = None,
    key: Key = None,
) -> None:
    """Fetch a study or series from an archive (WADO-RS); run again, it goes on where it stopped."""
    from thyrosight.cli.progress import progress_bars

    archive = _archive(url, login=_login(user, token, certificate, key), authority=authority)
    with progress_bars() as progress:
        paths = archive.fetch(out, study=study, series=series, progress=progress)
    typer.echo(f"{len(paths)} objects in {out}")


@app.command("send")
def send(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="DICOM files.")],
    *,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="The archive's DICOMweb address.")],
    user: User = "",
    token: Token = "",
    authority: Authority = None,
    certificate: Certificate = None,
    key: Key = None,
) -> None:
    """Store DICOM files in an archive (STOW-RS). Refused files are named, and the exit code is then 2."""
    stored = _archive(to, login=_login(user, token, certificate, key), authority=authority).store(files)
    typer.echo(f"{len(stored.accepted)} of {len(stored.accepted) + len(stored.refused)} objects stored")
    for uid, reason in stored.refused.items():
        typer.echo(f"Refused: {uid}: {reason}.", err=True)
    if stored.refused:
        raise typer.Exit(2)


@app.command("worklist")
def worklist(
    url: Annotated[str, typer.Argument(metavar="URL", help="The worklist, dicom://AET@host:port or dicoms://...")],
    *,
    title: Annotated[str, typer.Option("--aet", metavar="NAME", help="Our AE title.")] = "THYROSIGHT",
    days: Annotated[int, typer.Option("--days", min=0, help="Days before and after today.")] = 0,
    modality: Annotated[str, typer.Option("--modality", help="US, for example; empty for all.")] = "US",
    authority: Annotated[
        Path | None,
        typer.Option("--tls-ca", metavar="FILE", help="The authority of a dicoms:// worklist's certificate."),
    ] = None,
) -> None:
    """List the examinations of a modality worklist: date, time, patient, accession number and description, by tabs."""
    from datetime import date, timedelta

    from thyrosight.pacs import DicomError
    from thyrosight.pacs.node import parse_peer, peer_context
    from thyrosight.pacs.node.worklist import scheduled

    peer = parse_peer(url)
    if peer.is_web:
        raise DicomError(f"{url} is no modality worklist; write dicom://AET@host:port.")
    around, today = timedelta(days=days), date.today()
    context = peer_context(authority, None, None) if peer.secure else None
    found = scheduled(peer, today - around, today + around, own_title=title, context=context, modality=modality)
    for one in sorted(found, key=lambda entry: (entry.date, entry.time)):
        words = (one.date, one.time, one.patient_id, one.patient_name, one.accession_number, one.description)
        typer.echo("\t".join(words))
    if not found:
        typer.echo("No examination is scheduled for these days.", err=True)


@app.command("queue")
def queue(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a node.")] = Path("thyrosight-node"),
) -> None:
    """List the images and results in a node's queue, and those that failed; also while the node runs."""
    from thyrosight.pacs.node import read_queue

    counts, problems = read_queue(folder)
    for name, count in sorted(counts.items()):
        typer.echo(f"{count:8} {name}")
    for uid, reason in problems:
        typer.echo(f"{uid}: {reason}")
    if not counts:
        typer.echo("Nothing was received yet.")


def _archive(url: str, *, login: "Login", authority: Path | None) -> "DicomWeb":
    from thyrosight.pacs import DicomWeb

    return DicomWeb(url, login=login, verify=True if authority is None else str(authority))


def _login(user: str, token: str, certificate: Path | None, key: Path | None) -> "Login":
    """The login that the options give; the password comes from the environment or a prompt, never from the options."""
    import os

    from thyrosight.pacs import DicomError
    from thyrosight.pacs.dicomweb import Login

    if (certificate is None) != (key is None):
        raise DicomError("--tls-cert and --tls-key belong together; give both or neither.")
    password = os.environ.get("THYROSIGHT_PASSWORD", "")
    if user and not password and not token:
        password = typer.prompt("Password", hide_input=True, err=True)
    files = None if certificate is None or key is None else (str(certificate), str(key))
    return Login(user, password, token, files)
