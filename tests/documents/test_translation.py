"""A translated document keeps its numbers, names and shape; what readers see is in the language."""

import pytest

from thyrosight.documents import Column, Document, Figure, Heading, Items, Measure, Table, Text, section, translated
from thyrosight.documents.drawings import GridPicture, LinePanel, Lines, PictureGrid
from thyrosight.documents.translation import in_words_of
from thyrosight.errors import LanguageError

AREA = Measure(value=0.8123, low=0.7, high=0.9, method="DeLong, logit", n=91)


def document() -> Document:
    table = Table(
        name="means",
        caption="Networks",
        columns=(
            Column(key="network", title="Network", hidden=True),
            Column(key="title", title="Network"),
            Column(key="auc", title="Sensitivity", kind="area"),
            Column(key="verdict", title="Verdict"),
        ),
        rows=({"network": "main", "title": "Tiny CNN", "auc": AREA, "verdict": "practically equal"},),
        notes=("Groups were ignored in the divisions of this study.",),
    )
    pictures = (GridPicture(picture="a", label="benign"), GridPicture(picture="b", label="square"))
    figures = (
        Figure(name="grid", caption="Worst errors", drawing=PictureGrid(pictures=pictures)),
        Figure(name="roc", caption="Crops", drawing=Lines(panels=(LinePanel(curves=(), x="Epoch", y="Loss"),))),
    )
    return Document(
        title="Demonstration study",
        subtitle="Study “demo”, seed 7, finished 2026-11-29 19:01 UTC, ThyroSight 0.1.0.",
        key_result="The interval includes 0.5: this cannot be told from guessing.",
        facts=("Labels: pathology",),
        sections=(section("Worst errors", Heading(text="Size groups"), Items(texts=("Crops",)), table, *figures),),
        source="labels: pathology",
    )


def test_what_a_reader_sees_is_translated_and_what_programs_read_stays() -> None:
    english, chinese = document(), translated(document(), "zh")
    part, table = chinese.sections[0], chinese.table("means")
    assert (chinese.language, chinese.title, part.title) == ("zh", "演示研究", "最严重的错误")
    assert part.anchor == english.sections[0].anchor == "worst-errors"
    assert [column.title for column in table.columns] == ["Network", "网络", "敏感度", "判定"]
    assert table.rows[0]["network"] == "main" and table.rows[0]["verdict"] == "实际等效"
    assert table.at(network="main", measure="auc") == AREA.model_copy(update={"method": "DeLong法，logit"})
    assert table.methods() == ["Intervals: DeLong法，logit."]


def test_the_name_of_a_cohort_stays_as_it_was_given() -> None:
    """A cohort in a folder called comparison was called 比较."""
    named = document().model_copy(update={"facts": ("square: 12 images, 6 groups, 6 patients", "square")})
    assert translated(named, "es").facts[1] == "cuadrado"
    found = translated(named.model_copy(update={"own_words": ("square",)}), "es")
    assert found.facts == ("square: 12 imágenes, 6 grupos, 6 pacientes", "square")


def test_classes_of_pictures_stay_for_their_colours() -> None:
    grid = next(translated(document(), "es").figures()).drawing
    assert isinstance(grid, PictureGrid)
    assert [picture.label for picture in grid.pictures] == ["benign", "cuadrado"]


def test_every_text_is_passed_on() -> None:
    seen: list[str] = []
    in_words_of(document(), lambda text: seen.append(text) or text, language="es")
    texts = [block.text for block in document().sections[0].blocks if isinstance(block, Text | Heading)]
    assert {"Worst errors", "Crops", "Epoch", "Loss", "Labels: pathology", *texts} <= set(seen)


def test_a_translated_document_is_put_into_no_third_language() -> None:
    spanish = translated(document(), "es")
    assert translated(spanish, "es") is spanish
    with pytest.raises(LanguageError, match="The document is in español; only an English one"):
        translated(spanish, "zh")
