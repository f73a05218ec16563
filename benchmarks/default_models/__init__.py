"""The route to the default models: a data pack, simulated scanners, training and measuring."""
