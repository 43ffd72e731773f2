"""What can be seen of a bank without asking a question: its memories in pages, its tags, entities, links and figures."""

from duramen.views.entities import Entity as Entity
from duramen.views.figures import Statistics as Statistics
from duramen.views.graph import Edge as Edge
from duramen.views.graph import Graph as Graph
from duramen.views.views import Views as Views
