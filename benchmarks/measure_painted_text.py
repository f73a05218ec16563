"""How much of real lesions `Preparation(text="removed")` would paint over: the share of each mask within found text.

python benchmarks/measure_painted_text.py ../shared/data/ddti ../shared/data/busi
"""

import sys

import numpy as np

from thyrosight.cohort import open_cohort
from thyrosight.imaging import read_frame, read_mask
from thyrosight.imaging.burned_in_text import find_burned_in_text

IMAGES = 60


def main(folders: list[str]) -> None:
    for folder in folders:
        table = open_cohort(folder).table
        rows = table.iloc[:: max(1, len(table) // IMAGES)]
        shares = []
        for _, row in rows.iterrows():
            lesion = np.logical_or.reduce([read_mask(name) for name in row["mask"].split("|")])
            painted = np.zeros_like(lesion)
            for box in find_burned_in_text(read_frame(row["image"]).pixels):
                painted[box.top : box.bottom, box.left : box.right] = True
            shares.append((painted & lesion).sum() / lesion.sum())
        found = np.array(shares)
        print(
            f"{folder}: {len(found)} images, text over the lesion in {(found > 0).sum()}; share of the lesion: "
            f"mean {found.mean():.3f}, largest {found.max():.2f}; a tenth or more in {(found >= 0.1).sum()}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
