"""How the default models are made: from public collections to the finder and the risk model of the product."""
