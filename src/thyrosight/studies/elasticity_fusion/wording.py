"""What networks and inputs are called in tables."""

from thyrosight.networks import architectures
from thyrosight.studies.elasticity_fusion.configuration import Configuration
from thyrosight.studies.elasticity_fusion.recipe import ElasticityFusionRecipe, Head, Input

HEAD_NAMES: dict[Head, str] = {
    "own": "own classifier",
    "spp": "SPP",
    "gap": "GAP",
}


def input_name(shown: Input, second: str) -> str:
    """An input in words.

    >>> input_name("elastogram", "elastogram"), input_name("late", "second view")
    ('Elastogram', 'Late fusion')
    """
    names: dict[Input, str] = {
        "b-mode": "B-mode",
        "elastogram": second[0].upper() + second[1:],
        "mixed": "Mixed training",
        "early": "Early fusion",
        "late": "Late fusion",
    }
    return names[shown]


def row_title(config: Configuration, recipe: ElasticityFusionRecipe) -> str:
    """A row's name: the network where networks are compared, else input, head and depth.

    >>> recipe = ElasticityFusionRecipe(name="a", title="A")
    >>> row_title(Configuration("d", "vgg16", "late", "spp", 6), recipe)
    'Late fusion, SPP'
    >>> row_title(Configuration("d", "vgg16", "b-mode", pretrained=False), recipe)
    'VGG16'
    """
    if not config.pretrained:
        return architectures()[config.architecture].title
    return f"{input_name(config.input, recipe.second_name)}, {HEAD_NAMES[config.head]}"
