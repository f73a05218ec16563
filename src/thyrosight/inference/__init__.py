"""From a bundle and an image to an assessment."""
