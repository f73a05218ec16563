"""The table of readings of a study, for the analysis and for other programs."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from thyrosight.readings import imrmc_csv, mrmcaov_csv, readings_csv
from thyrosight.readings.table import Row
from thyrosight.server.http import Caller, Id
from thyrosight.server.problems import conflict
from thyrosight.server.reader_studies.designing import note, reader_study
from thyrosight.server.reader_studies.exporting import lesions_csv, readings_rows
from thyrosight.server.routes.reader_studies import Designer

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])
Form = Literal["readings", "lesions", "imrmc", "mrmcaov"]


@router.get("/{study_id}/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def export(study_id: Id, services: Caller, actor: Designer, form: Annotated[Form, Query()] = "readings") -> Response:
    """Readings that are locked, as CSV: all of them, the lesions, or the main analysis for iMRMC or MRMCaov.

    An export before the study is closed shows truth and answers while others read; the audit trail says who made it.
    """
    with services.database.read() as session:
        study = reader_study(session, study_id)
        if study.state == "draft":
            raise conflict("The study was not opened yet; there are no readings.")
        text = lesions_csv(session, study) if form == "lesions" else _in_form(readings_rows(session, study), form)
    with services.database.write() as session:
        said = {"form": form, "state": study.state}
        note(session, study, "readings exported", actor=actor, clock=services.clock, body=said)
    headers = {"Content-Disposition": f'attachment; filename="{form}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _in_form(rows: Sequence[Row], form: Form) -> str:
    if form == "imrmc":
        return imrmc_csv(rows).text
    return mrmcaov_csv(rows).text if form == "mrmcaov" else readings_csv(rows)
