"""What every kind of study can say of the network that it is about: outside its cohort, in use, in subgroups."""
