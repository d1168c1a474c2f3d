"""Synthetic interactions: the lab's random table, and tables drawn from a known model."""

from data_prep.synthetic.lab_table import lab
from data_prep.synthetic.planted_choices import PlantedChoices
from data_prep.synthetic.planted_fm import Attainable, PlantedFM

__all__ = ["Attainable", "PlantedChoices", "PlantedFM", "lab"]
