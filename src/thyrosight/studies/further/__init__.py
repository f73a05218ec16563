"""Further results on the network that a study is about, for every kind: outside its cohort, in use, in subgroups."""
