"""Observations: what a bank knows by now, consolidated; asked for, listed, cleared, and traced to what says so."""

from duramen.observations.observations import Observations as Observations
