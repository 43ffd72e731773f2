"""Mental models: questions whose answers are kept and brought up to date, alone or as the pages of a tree."""

from duramen.mental_models.mental_models import MentalModels as MentalModels
from duramen.mental_models.model import MentalModel as MentalModel
from duramen.mental_models.pages import Pages as Pages
from duramen.mental_models.templates import TemplatedModels as TemplatedModels
