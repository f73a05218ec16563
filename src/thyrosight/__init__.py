"""ThyroSight: computer-aided diagnosis on thyroid and neck ultrasound. For research use only."""

__version__ = "0.1.0"
