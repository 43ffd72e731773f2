from tests.contracts.filing import FilingContract
from tests.contracts.jobs import JobsContract
from tests.contracts.moving import MovingContract
from tests.contracts.revising import RevisingContract
from tests.contracts.unmaking import UnmakingContract


class LedgerContract(JobsContract, RevisingContract, UnmakingContract, MovingContract, FilingContract):
    """What every ledger must do; an inheriting class gives the fixture `store`, open and empty."""
