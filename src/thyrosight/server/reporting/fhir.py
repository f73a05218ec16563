"""A report as a FHIR R4 DiagnosticReport with its observations, patient and author contained in it."""

import base64
from datetime import datetime
from typing import Any, Final

from thyrosight.server.clock import as_text
from thyrosight.server.database.tables import Report, Signature
from thyrosight.server.reporting.composing import RESEARCH_USE
from thyrosight.server.reporting.wording import Wording, wording_of

_WHAT: Final = "Ultrasound of the thyroid"
_LOINC: Final = "http://loinc.org"
_STATUS: Final = "http://terminology.hl7.org/CodeSystem/diagnostic-service-sections"
_SPELLING: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_SPELLINGS: Final = ("ABC", "IDE", "SYL")
"""Letters, characters and sounds: the spellings of a name as DICOM orders them."""
_GENDERS: Final = {"F": "female", "M": "male", "O": "other"}


def diagnostic_report(report: Report, signature: Signature | None, *, pdf: bytes | None = None) -> dict[str, Any]:
    """The resource; status `preliminary` for a draft, `final` for a signed report, `appended` for an addendum.

    Its texts are in the language of the report; codes have their English names.

    Args:
        report, signature: of the study.
        pdf: the report as PDF, put into `presentedForm`.
    """
    body, study, words = report.body, report.body["study"], wording_of(report.body)
    named = {
        "coding": [{"system": _LOINC, "code": "25010-0", "display": "US Thyroid Report"}],
        "text": words.say(_WHAT),
    }
    told = (body["findings"], body["conclusion"], words.put(RESEARCH_USE))
    status = "preliminary" if signature is None else "final"
    observations = [one for nodule in body["nodules"] for one in _observations(nodule, status, words)]
    resource: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": str(report.id),
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HRESCH"}]},
        "contained": [
            _patient(study), *_practitioner(signature), *_organization(body.get("institution", "")), *observations,
        ],
        "status": "preliminary" if signature is None else "appended" if report.supersedes else "final",
        "category": [{"coding": [{"system": _STATUS, "code": "RAD", "display": "Radiology"}]}],
        "code": named,
        "subject": {"reference": "#patient"},
        "result": [{"reference": f"#{one['id']}"} for one in observations],
        "conclusion": "\n\n".join(text for text in told if text),
    }  # fmt: skip
    if "language" in body:
        resource["language"] = words.tag
    if study["accession"]:
        resource["identifier"] = [{"type": {"text": "Accession number"}, "value": study["accession"]}]
    if _date(study["study_date"]):
        resource["effectiveDateTime"] = _date(study["study_date"])
    if study["study_uid"]:
        resource["imagingStudy"] = [
            {"identifier": {"system": "urn:dicom:uid", "value": f"urn:oid:{study['study_uid']}"}}
        ]
    if signature is not None:
        resource["issued"] = as_text(signature.created_at)
        resource["resultsInterpreter"] = [{"reference": "#author"}]
    if body.get("institution"):
        resource["performer"] = [{"reference": "#institution"}]
    if pdf is not None:
        resource["presentedForm"] = [{"contentType": "application/pdf", "data": base64.b64encode(pdf).decode("ascii")}]
    return resource


def _patient(study: dict[str, Any]) -> dict[str, Any]:
    groups = study["patient_name"].split("=")
    names = [_name(group, spelling) for group, spelling in zip(groups, _SPELLINGS, strict=False)]
    patient: dict[str, Any] = {"resourceType": "Patient", "id": "patient"}
    if study["patient_id"]:
        patient["identifier"] = [{"value": study["patient_id"]}]
    if any(names):
        patient["name"] = [name for name in names if name]
    if study["sex"]:
        patient["gender"] = _GENDERS.get(study["sex"], "unknown")
    if _date(study["birth_date"]):
        patient["birthDate"] = _date(study["birth_date"])
    return patient


def _name(group: str, spelling: str) -> dict[str, Any]:
    """One spelling of a name; empty where DICOM stores none. Only names in several spellings say which this is."""
    family, *given = (part.strip() for part in group.split("^"))
    name: dict[str, Any] = {"family": family, "given": [part for part in given[:2] if part]}
    said = {key: value for key, value in name.items() if value}
    if said and spelling != _SPELLINGS[0]:
        said["extension"] = [{"url": _SPELLING, "valueCode": spelling}]
    return said


def _practitioner(signature: Signature | None) -> list[dict[str, Any]]:
    if signature is None:
        return []
    return [{"resourceType": "Practitioner", "id": "author", "name": [{"text": signature.name}]}]


def _organization(name: str) -> list[dict[str, Any]]:
    return [{"resourceType": "Organization", "id": "institution", "name": name}] if name else []


def _observations(nodule: dict[str, Any], status: str, words: Wording) -> list[dict[str, Any]]:
    """One observation for the nodule with its features, and one for each result of the model."""
    number, say = nodule["number"], words.say
    named = [(words.feature(name).lower(), words.terms(said)) for name, said in nodule["descriptors"].items()]
    named += [(one["title"], words.put(one["category"])) for one in nodule["tirads"]]
    components = [_text(name, value or say("not stated")) for name, value in named]
    components += [
        _quantity(say("axis {0}", place), side, "mm")
        for place, side in enumerate(nodule["size_mm"], 1)
        if side is not None
    ]
    for one in nodule["opinions"]:
        before = one["stage"] == "before"
        suspicion = "suspicion before the model's result" if before else "suspicion after the model's result"
        biopsy = "biopsy advised before the model's result" if before else "biopsy advised after the model's result"
        components.append(_quantity(say(suspicion), one["score"], "1", unit=say("of 100")))
        components.append({"code": {"text": say(biopsy)}, "valueBoolean": one["biopsy"]})
    place = " ".join(part for part in (nodule["side"], nodule["pole"]) if part)
    site = say("thyroid, {0}", say(place)) if place else ""
    found = [_observation(f"nodule-{number}", say("Thyroid nodule {0}", number), status, components, site)]
    for place_of, one in enumerate(nodule["model"], 1):
        if one["state"] == "done":
            found.append(_result(f"nodule-{number}-model-{place_of}", number, one["result"], status, words))
    return found


def _result(name: str, number: int, result: dict[str, Any], status: str, words: Wording) -> dict[str, Any]:
    say, put = words.say, words.put
    named = [
        ("model", say("{0}, hash {1}", put(result["model"]), result["model_hash"])),
        ("training labels", put(result["label_source"])),
        ("split", put(result["split_kind"])),
    ]
    components = [
        *(_text(say(label), value or say("not stated")) for label, value in named),
        _quantity(say("operating point"), result["operating_point"]["threshold"], "1"),
        _text(say("label at the operating point"), put(result["label"])),
        *(_text(say("quality flag"), say(flag)) for flag in result["quality_flags"]),
    ]
    title = say("Risk of malignancy of nodule {0} by a model (research use only)", number)
    one = _observation(name, title, status, components, "")
    one["valueQuantity"] = {
        "value": round(result["calibrated_risk"], 4),
        "unit": say("probability"),
        "code": "1",
        "system": _UCUM,
    }
    return one


_UCUM: Final = "http://unitsofmeasure.org"


def _observation(name: str, text: str, status: str, components: list[dict[str, Any]], site: str) -> dict[str, Any]:
    one: dict[str, Any] = {
        "resourceType": "Observation",
        "id": name,
        "status": status,
        "code": {"text": text},
        "subject": {"reference": "#patient"},
    }
    if site:
        one["bodySite"] = {"text": site}
    if components:
        one["component"] = components
    return one


def _text(name: str, value: str) -> dict[str, Any]:
    return {"code": {"text": name}, "valueString": value}


def _quantity(name: str, value: float, code: str, *, unit: str = "") -> dict[str, Any]:
    return {
        "code": {"text": name},
        "valueQuantity": {"value": value, "unit": unit or code, "system": _UCUM, "code": code},
    }


def _date(text: str) -> str:
    """A date as FHIR takes it; "" where a file states none or a day that the calendar does not have.

    >>> _date("19700102"), _date("19610229"), _date("")
    ('1970-01-02', '', '')
    """
    try:
        return datetime.strptime(text, "%Y%m%d").date().isoformat() if len(text) == 8 else ""
    except ValueError:
        return ""
