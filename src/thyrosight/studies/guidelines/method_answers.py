"""Answers that the software knows to items about networks, training and evaluation; None where it does not know."""

from thyrosight.networks import find_architecture
from thyrosight.statistics import calibration_name
from thyrosight.studies.guidelines.known import METHODS, Known, Told
from thyrosight.studies.sentences import evaluation_words, listed, preparation_words, rule_words, training_words

_WEIGHTS = {"none": "random", "imagenet": "ImageNet", "imagenet-if-present": "ImageNet, where they are on the machine"}


def technology(known: Known) -> Told | None:
    """The kind of artificial intelligence."""
    names = known.networks
    return Told(f"Deep learning, convolutional networks: {listed(names)}.", known.section(*METHODS)) if names else None


def preparation(known: Known) -> Told | None:
    """How images were prepared."""
    words = preparation_words(known.part("preparation"))
    return Told(f"All images alike: {words}.{_unmarked(known)}", known.section(*METHODS)) if words else None


def _unmarked(known: Known) -> str:
    """Says what was taken of images in which no nodule is marked."""
    if known.part("preparation").get("crop") != "nodule":
        return ""
    images, marked = known.facts.images, max(known.filled.get(name, 0) for name in ("box", "mask"))
    if marked == 0:
        return " No nodule is marked in this cohort: of every image the whole scan area was taken instead."
    if marked == images:
        return ""
    return f" Nodules are marked in {marked} of {images} images; of the others the whole scan area was taken instead."


def crop(known: Known) -> Told | None:
    """The part of the image that networks take."""
    own = known.part("preparation").get("crop")
    if not own:
        return None
    return Told(f"Part of the image that networks take: {own}.{_unmarked(known)}", known.section(*METHODS))


def training(known: Known) -> Told | None:
    """How networks were trained."""
    words, names = training_words(known.part("training")), known.networks
    if not words or not names:
        return None
    return Told(
        f"{listed(names)}: {words}. Every setting is in the recipe.", known.section(*METHODS) or known.reproduction
    )


def measures(known: Known) -> Told:
    """Measures and plots."""
    words = evaluation_words(known.part("evaluation"), known.facts.parts)
    plots = [place for name in ("roc", "calibration") if (place := known.figure(name))]
    return Told(f"AUC and measures at the operating point; {words}.", "; ".join([main_table(known), *plots]))


def main_table(known: Known) -> str:
    """Where the main results stand."""
    summary = known.document.summary
    return known.table(summary.table) if summary else known.section("Results")


def uncertainty(known: Known) -> Told:
    """Intervals and tests."""
    own = known.part("evaluation")
    return Told(
        f"{100 * own.get('confidence', 0.95):g} % intervals by bootstrap of groups ({own.get('bootstrap')} draws), "
        "exact ones where groups are few; P values of several comparisons are corrected. Notes below each table.",
        main_table(known),
    )


def calibration(known: Known) -> Told:
    """How probabilities were calibrated."""
    rule = known.part("evaluation").get("calibration", "none")
    if rule == "none":
        return Told("Probabilities were not recalibrated.")
    return Told(
        f"Probabilities were calibrated ({calibration_name(rule)}) on the validation part{_if_large(known)}; the test "
        "part changed nothing."
    )


def _if_large(known: Known) -> str:
    return ", except where that is too small (see limitations)" if known.small_validation else ""


def predictions(known: Known) -> Told | None:
    """Model that predicted."""
    if known.result.model is None:
        return None
    return Told(f"By the networks as trained; model {known.result.model.hash[:12]}.", known.reproduction)


def imbalance(known: Known) -> Told:
    """Methods used for classes of unequal size."""
    own = known.part("training")
    loss = own.get("loss") or {}
    found = ["mirrored copies of the smaller class"] if own.get("balance") == "mirror" else []
    if loss.get("alpha") == "balanced":
        found.append("classes weighed by the inverse of their share in the loss")
    if loss.get("name") == "focal":
        found.append(f"focal loss (gamma {loss.get('gamma'):g})")
    text = f"Used: {listed(found)}." if found else "No method for classes of unequal size was used."
    return Told(f"{text} {calibration(known).text}", known.section(*METHODS))


def fairness(known: Known) -> Told:
    """Steps towards fairness in training, and reported groups and errors."""
    groups = known.table("sizes", "size-groups", "subgroups")
    errors = known.figure("errors")
    text = "Nothing was done in training to make networks fair, and no difference between groups of people was tested."
    if groups or errors:
        text += f" Reported: {listed([w for w, p in (('size groups', groups), ('worst errors', errors)) if p])}."
    return Told(text, "; ".join(place for place in (groups, errors) if place))


def cut_off(known: Known) -> Told | None:
    """The output, and how the cut-off was chosen."""
    rule = known.part("evaluation").get("operating_point")
    if rule is None:
        return None
    model = known.result.model
    value = f"; {model.threshold:.4f} in {model.division}" if model else ""
    return Told(
        f"Probability of malignancy; the operating point was chosen {rule_words(rule)} on the validation "
        f"part{_if_large(known)}, before the test part was seen{value}.",
        known.reproduction,
    )


def model(known: Known) -> Told | None:
    """The model that was left."""
    own = known.result.model
    if own is None:
        return None
    return Told(
        f"Saved with weights, preparation, calibration and operating point; hash {own.hash}.", known.reproduction
    )


def architecture(known: Known) -> Told | None:
    """The networks."""
    found = technology(known)
    return None if found is None else Told(f"{found.text} Every setting is in the recipe.", known.reproduction)


def first_weights(known: Known) -> Told | None:
    """Weights that training started from."""
    own = [known.part("network")] if known.part("network") else known.recipe.get("networks") or []
    said = dict.fromkeys(
        f"{find_architecture(item['architecture']).title}: {_WEIGHTS.get(item['weights'], item['weights'])}"
        for item in own
    )
    return (
        Told(f"Starting weights that were asked for: {'; '.join(said)}.", known.table("networks") or known.reproduction)
        if said
        else None
    )


def selection(known: Known) -> Told:
    """Which weights were kept."""
    kept = known.part("training").get("keep")
    chosen = "the epoch that is best on the validation part" if kept == "best" else "the last epoch"
    return Told(f"Of each training {chosen} was kept.", known.table("trials"))


def performance(known: Known) -> Told:
    """Where the performance stands."""
    return Told("On the test part, with intervals.", "; ".join(filter(None, [main_table(known), known.figure("roc")])))


def robustness(known: Known) -> Told | None:
    """Properties that were varied."""
    found = {
        "crop margins and input sizes": known.table("input-sizes"),
        "one image missing": known.table("hidden"),
        "frozen layers": known.figure("freeze-depth"),
        "size groups": known.table("sizes"),
        "repeated divisions": known.figure("divisions"),
    }
    there = {name: place for name, place in found.items() if place}
    return Told(f"Varied: {listed(list(there))}.", "; ".join(there.values())) if there else None


def explanation(known: Known) -> Told:
    """How single predictions were explained."""
    if place := known.figure("heat-maps"):
        return Told("Heat maps of where networks looked, with a measure of how faithful they are.", place)
    if place := known.figure("examples", "calls"):
        return Told("Pictures of examples; captions say what is marked in them.", place)
    return Told("No single prediction was explained.")


def internal(known: Known) -> Told:
    """Testing within the cohort."""
    return Told("On the test part of the same cohort.", main_table(known))


def software(known: Known) -> Told:
    """Software with versions."""
    versions = ", ".join(f"{name} {value}" for name, value in known.facts.software.items())
    return Told(versions, known.reproduction)


def code(known: Known) -> Told:
    """The code."""
    own = known.facts.software.get("thyrosight", "")
    return Told(f"ThyroSight {own} (Apache-2.0); the recipe and the command are in the report.", known.reproduction)


def input_gate(known: Known) -> Told | None:
    """Answer of the model to unfit images."""
    if known.result.model is None:
        return None
    return Told("The model says of each image whether it is unlike those it learnt from, and what is wrong with it.")
