"""Facts about a manifest beyond its rows, in a file beside it, such as `cohort.about.yaml` beside `cohort.csv`."""

from pathlib import Path
from typing import Any, Final

import yaml

from thyrosight.errors import CohortError
from thyrosight.files import write_text

AS_GIVEN: Final = "as given in the manifest"


def about_file(manifest: Path) -> Path:
    """The file beside a manifest.

    >>> about_file(Path("cohort.csv")).name
    'cohort.about.yaml'
    """
    return manifest.with_name(f"{manifest.stem}.about.yaml")


def write_about(manifest: Path, *, label_policy: str) -> None:
    """Write by which rule the labels of a manifest were made.

    Raises:
        OutputError: it cannot be written.
    """
    content = yaml.safe_dump({"label_policy": label_policy}, allow_unicode=True, width=110)
    write_text(about_file(manifest), f"# The rule of the labels in {manifest.name}, as reports repeat it.\n{content}")


def label_policy_of(manifest: Path) -> str:
    """The rule of a manifest's labels, as the file beside it says.

    Raises:
        CohortError: the file is no YAML, or says something else.
    """
    path = about_file(manifest)
    if not path.is_file():
        return AS_GIVEN
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise CohortError(f"{path} cannot be read as YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(content, dict) or not isinstance(content.get("label_policy"), str):
        raise CohortError(f"{path} should say by which rule the labels were made, as label_policy: TEXT.")
    return str(content["label_policy"]).strip()
