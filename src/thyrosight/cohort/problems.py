"""Problems of a cohort: one sentence each, with the place."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from thyrosight.errors import CohortError


class Problem(BaseModel):
    """One thing to correct.

    Attributes:
        where: the row (as in a spreadsheet, where the header is row 1) or the image.
        column: the column, or "" for the whole row or table.
        text: the problem and its remedy.
        severity: an error prevents the use of the cohort; a warning does not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: str
    column: str = ""
    text: str
    severity: Literal["error", "warning"] = "error"

    def sentence(self) -> str:
        """The problem as one line.

        >>> Problem(where="row 17", column="label", text="'x' is not 'benign' or 'malignant'").sentence()
        "row 17, column label: 'x' is not 'benign' or 'malignant'"
        """
        place = ", ".join(part for part in (self.where, f"column {self.column}" if self.column else "") if part)
        return f"{place}: {self.text}" if place else self.text


def require_no_errors(problems: "list[Problem]", source: str, *, shown: int = 10) -> None:
    """Raise a CohortError that lists the first errors, if there are any."""
    errors = [problem.sentence() for problem in problems if problem.severity == "error"]
    if not errors:
        return
    if len(errors) == 1:
        raise CohortError(f"{source}: {errors[0]}")
    more = (
        [f"... and {len(errors) - shown} more; thyrosight cohort check lists them all"] if len(errors) > shown else []
    )
    lines = "\n  ".join([*errors[:shown], *more])
    raise CohortError(f"{source}: {len(errors)} problems must be corrected:\n  {lines}")
