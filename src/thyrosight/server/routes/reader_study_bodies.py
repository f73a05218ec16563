"""Bodies of the routes of a reader study's cases."""

from typing import Annotated

from pydantic import Field

from thyrosight.server.http import Body, Id
from thyrosight.server.reader_studies.cases import NewCase, NewView
from thyrosight.server.reader_studies.facts import CaseFacts
from thyrosight.server.routes.reader_studies import Reason, Version
from thyrosight.server.routes.reader_study_answers import CaseRole

Edge = Annotated[int, Field(ge=0, le=100_000)]
Box = Annotated[list[Edge], Field(min_length=4, max_length=4)]
Lesion = Annotated[list[Edge], Field(min_length=4, max_length=7)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
FactName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
FactValue = Annotated[str, Field(max_length=100)] | float
Text64 = Annotated[str, Field(max_length=64)]
Frame = Annotated[int, Field(ge=0, le=10**6)]


class NewViewBody(Body):
    """A picture: its frame, from 0, and the nodule's box in it; with `loop` all frames, beginning with that one."""

    image_id: Id
    frame: Frame = 0
    loop: bool = False
    box: Box | None = None
    outline: Annotated[list[Annotated[list[float], Field(min_length=2, max_length=2)]], Field(max_length=2000)] = Field(
        default_factory=list
    )
    part: Annotated[str, Field(pattern="^(|B-mode|elastogram)$")] = ""

    def new(self) -> NewView:
        """As the services take it."""
        box = None if self.box is None else (self.box[0], self.box[1], self.box[2], self.box[3])
        return NewView(self.image_id, self.frame, self.loop, box, self.outline, self.part)


class FactsBody(Body):
    """Facts of a case; fields left out stay as they are.

    `lesions` are boxes: left, top, right, bottom, then image (from 1), first and last frame (from 0). Without an image
    the first is meant, and without frames the whole loop.
    """

    role: CaseRole | None = None
    truth: Annotated[int, Field(ge=0, le=1)] | None = None
    label_source: Text64 | None = None
    cluster: Text64 | None = None
    lesions: Annotated[list[Lesion], Field(max_length=50)] | None = None
    model_scores: Annotated[dict[Name, float], Field(max_length=20)] | None = None
    model_positive: Annotated[dict[Name, bool], Field(max_length=20)] | None = None
    facts: Annotated[dict[FactName, FactValue], Field(max_length=20)] | None = None

    def known(self) -> CaseFacts:
        """As the services take it."""
        return CaseFacts(
            self.role, self.truth, self.label_source, self.cluster, self.lesions, self.model_scores,
            self.model_positive, self.facts,
        )  # fmt: skip


class NewCaseBody(FactsBody):
    """A case: the views of a nodule, or one or two views that are named; `key` is the designer's own name for it."""

    key: Text64 = ""
    nodule_id: Id | None = None
    views: Annotated[list[NewViewBody], Field(max_length=2)] = Field(default_factory=list)

    def new(self) -> NewCase:
        """As the services take it."""
        return NewCase(self.key, self.nodule_id, [view.new() for view in self.views], self.known())


class NewCases(Body):
    """Cases to be added to a draft: all, or none."""

    version: Version
    cases: Annotated[list[NewCaseBody], Field(min_length=1, max_length=2000)]


class TruthRow(FactsBody):
    """A row of a table of truths; `case` is a key or a code."""

    case: Text64


class TruthTable(Body):
    """Facts of cases: all rows, or none; `reason` is needed once the study was opened."""

    version: Version
    reason: Annotated[str, Field(max_length=2000)] = ""
    rows: Annotated[list[TruthRow], Field(min_length=1, max_length=10_000)]


class WithReason(Body):
    """Why."""

    reason: Reason
