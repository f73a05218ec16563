"""Sites in tables, figures and sentences."""

from thyrosight.reports.site_sections import site_figures, site_methods, site_sections, site_summary
from thyrosight.statistics import SiteCounts, SiteSummary, summarise_sites

RIGHT = SiteCounts(tuple("ABCDEFGHIJKL"), (40, 35, 60, 22, 51, 30, 44, 20, 31, 52, 17, 26),
                   (5, 19, 6, 8, 7, 3, 9, 11, 2, 14, 6, 4), (12, 8, 20, 4, 9, 15, 11, 3, 14, 8, 7, 9),
                   (60, 52, 70, 45, 66, 41, 50, 33, 48, 71, 20, 39))  # fmt: skip


def _few() -> SiteSummary:
    return summarise_sites(SiteCounts(("A", "B"), (4, 5), (1, 2), (1, 1), (7, 8)))


def test_a_summary_of_many_sites_says_what_to_expect_of_another() -> None:
    found = summarise_sites(RIGHT)
    assert "A further site is expected" in site_summary(found)
    assert "10 degrees of freedom" in site_methods(found) and "[chu2006]" in site_methods(found)
    captions = [table.caption for table in site_sections(found)]
    assert [caption.split(" (")[0] for caption in captions] == [
        "Summary of the sites",
        "Spread between sites",
        "Each site",
    ]
    forest, plane = site_figures(found)
    assert len(forest.drawing.lines) == 2 * (12 + 2)  # type: ignore[union-attr]
    assert len(plane.drawing.panels[0].points) == 12  # type: ignore[union-attr]


def test_normal_logits_are_named_as_such() -> None:
    assert "normal logits" in site_methods(summarise_sites(RIGHT, likelihood="normal"))


def test_few_sites_speak_for_themselves_alone() -> None:
    found = _few()
    assert site_summary(found).endswith("This speaks of these sites alone.")
    assert "added up" in site_methods(found) and len(site_sections(found)) == 2
    assert [curve.name for curve in site_figures(found)[1].drawing.panels[0].curves] == ["summary"]  # type: ignore[union-attr]
