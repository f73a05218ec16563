"""An image on which the process is lost again and again is refused, and its neighbours are assessed."""

from pathlib import Path
from typing import Any

import pytest

from thyrosight.archives import losses
from thyrosight.archives.items import Models
from thyrosight.archives.losses import Losses
from thyrosight.archives.sources import COLUMNS
from thyrosight.archives.worklist import Item

ITEMS = [Item(number, dict.fromkeys(COLUMNS, "") | {"image": f"{number}.png"}) for number in range(4)]


class Killed(BaseException):
    """Stands for a process that is gone."""


def test_the_second_loss_on_one_image_is_its_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[int]] = []

    def assess(items: list[Item], *_: Any) -> list[dict[str, Any]]:
        asked.append([item.number for item in items])
        if any(item.number == 2 for item in items):
            raise Killed
        return [{"item": item.number} for item in items]

    monkeypatch.setattr(losses, "assess_items", assess)
    models: Models = None  # type: ignore[assignment]  # nothing here asks it
    for _ in range(3):  # the process is lost: nobody leaves the block
        with pytest.raises(Killed):
            Losses(tmp_path).__enter__().assess(ITEMS, {}, models, lambda *_: None)
    with Losses(tmp_path) as last:
        rows = last.assess(ITEMS, {}, models, lambda *_: None)
    assert asked == [[0, 1, 2, 3], *([[0], [1], [2]] * 2), [0], [1], [3]]
    assert [row["item"] for row in rows] == [0, 1, 2, 3]
    assert rows[2]["refused"] == "2.png: the process was lost 2 times while it was assessed."
    assert not list(tmp_path.iterdir())


def test_an_error_is_no_loss(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"), Losses(tmp_path):
        raise OSError("full")
    assert not Losses(tmp_path).before
