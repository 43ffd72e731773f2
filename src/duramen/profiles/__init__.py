"""Profiles: what a bank is told to be, how it is set up, its directives, and templates of all that."""

from duramen.profiles.profile import Directive as Directive
from duramen.profiles.profile import Disposition as Disposition
from duramen.profiles.profile import Profile as Profile
from duramen.profiles.profiles import Profiles as Profiles
from duramen.profiles.templates import ModelTemplates as ModelTemplates
from duramen.profiles.templates import PlannedModels as PlannedModels
from duramen.profiles.templates import Templates as Templates
