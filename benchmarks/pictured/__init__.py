"""Pages of the workstation as pictures: an example, its states, and what is measured in them."""
