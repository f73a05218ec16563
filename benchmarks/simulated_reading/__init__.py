"""Simulated readers of known skill who read a study on a running workstation, each in a browser of their own."""
