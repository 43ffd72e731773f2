"""Tasks: work that is asked for now and done in a while, each once, by whichever process comes to it."""

from duramen.tasks.errors import CancelledTaskError, PermanentError
from duramen.tasks.task import Handler, Report, Task, TaskState
from duramen.tasks.tasks import Tasks

__all__ = ["CancelledTaskError", "Handler", "PermanentError", "Report", "Task", "TaskState", "Tasks"]
