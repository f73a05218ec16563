"""Elastograms in ultrasound frames: panels, colour box, registration, and stiffness from colour."""

from thyrosight.imaging.elastography.panels import ElastographyPanels, split_elastography

__all__ = ["ElastographyPanels", "split_elastography"]
