"""Images off the scanner: frames, scan areas, boxes, crops and their preparation."""
