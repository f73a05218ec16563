"""Changes and columns of the options, drawn separately, so that patients depend on the seed alone."""

import numpy as np

from thyrosight.phantoms.image import PhantomImage
from thyrosight.phantoms.options import PhantomOptions
from thyrosight.phantoms.picture import EXTERNAL_SITES, Site
from thyrosight.phantoms.readers import category_of
from thyrosight.phantoms.reference import draw_reference


def other_site(seed: int, patient: int, site: Site, options: PhantomOptions) -> Site:
    """The site of a patient: the given one, or an external one for the share in the options."""
    random = np.random.default_rng([seed, patient, 0, 15])
    if random.random() >= options.external_share:
        return site
    return EXTERNAL_SITES[int(random.integers(len(EXTERNAL_SITES)))]


def other_size(seed: int, patient: int, nodule: int, size_mm: float, options: PhantomOptions) -> float:
    """The size of a nodule: the given one, or that of a micronodule for the share in the options."""
    random = np.random.default_rng([seed, patient, nodule, 16])
    if random.random() >= options.small_share:
        return size_mm
    return float(np.clip(np.exp(random.normal(np.log(5.3), 0.33)), 3.0, 9.0))


def recorded_columns(seed: int, image: PhantomImage, options: PhantomOptions) -> tuple[tuple[str, str], ...]:
    """The columns that options add to the row of an image."""
    columns: dict[str, str] = {}
    malignant = image.label == "malignant"
    if options.external_share:
        columns["setting"] = "external" if image.site in EXTERNAL_SITES else "internal"
    if options.reference_standard or options.unconfirmed_share:
        columns |= draw_reference(
            seed, image.patient, image.nodule, malignant=malignant, unconfirmed_share=options.unconfirmed_share
        )
    if options.tirads:
        columns["tirads"] = category_of(options.tirads, image.features)
    for reader in options.readers:
        columns |= reader.read(seed, image.patient, image.nodule, features=image.features, malignant=malignant)
    if options.network is not None:
        probability = options.network.probability(
            seed, image.patient, image.number, features=image.features, malignant=malignant
        )
        columns["simulated_probability"] = f"{probability:.6f}"
    if options.missing_sizes:
        random = np.random.default_rng([seed, image.patient, image.nodule, 17])
        if random.random() < options.missing_sizes:
            columns["size_mm"] = ""
    return tuple(columns.items())
