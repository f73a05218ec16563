"""BUSI: the real files, and the published layout."""

from thyrosight.cohort import nodule_box, open_cohort


def test_the_real_archive_leaves_normal_images_out(real_data):
    cohort = open_cohort(real_data / "busi")
    said = cohort.describe()
    assert cohort.kind == "busi"
    assert said.by_label == {"benign": 437, "malignant": 210}  # as published
    assert [(e.reason, e.count) for e in said.exclusions] == [("no lesion (folder normal)", 133)]
    assert set(cohort.left_out["label"]) == {"normal"}
    assert said.filled["mask"] == 647
    assert (cohort.table["mask"].str.count(r"\|") > 0).sum() == 17  # images with two lesions: 16 benign, 1 malignant
    assert cohort.split_kind == "image-level"


def test_the_folder_inside_the_published_archive_is_found(tmp_path, picture, mask):
    top = "Dataset_BUSI_with_GT"
    for label in ("benign", "malignant", "normal"):
        picture(f"{top}/{label}/{label} (1).png")
        mask(f"{top}/{label}/{label} (1)_mask.png", None if label == "normal" else (2, 3, 12, 13))
    mask(f"{top}/benign/benign (1)_mask_1.png", (40, 20, 55, 35))
    cohort = open_cohort(tmp_path)
    assert cohort.kind == "busi"
    benign = cohort.table.set_index("key", drop=False).loc["benign/benign (1)"]
    assert nodule_box(benign).to_text() == "2,3,55,35"
