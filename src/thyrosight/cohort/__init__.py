"""Who is studied: the validated table, its sources, duplicates and splits."""
