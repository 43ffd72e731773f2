from tests.contracts.jobs import JobsContract


class LedgerContract(JobsContract):
    """What every ledger must do; an inheriting class gives the fixture `store`, open and empty."""
