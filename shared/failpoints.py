"""Named points at which a test can let the process die, as if the power had failed there.

`SERVICELANE_FAILPOINT=name` kills it (SIGKILL) the first time that it gets there, `name:n` the n-th time.

* `after_commit_before_numbering`: entries are committed and have no number yet (relay)
* `after_numbering_before_publishing`: entries are numbered and not yet in Kafka (relay)
* `in_the_middle_of_a_batch`: effects of a batch are under way and not committed (intake)
* `between_effect_and_answer`: a command is committed and its caller has no answer yet (store)
"""

import itertools
import os
import signal

FAILPOINTS = (
    "after_commit_before_numbering",
    "after_numbering_before_publishing",
    "in_the_middle_of_a_batch",
    "between_effect_and_answer",
)

_name, _, _nth = os.environ.get("SERVICELANE_FAILPOINT", "").partition(":")
_passings = itertools.count(1)

if _name and _name not in FAILPOINTS:
    raise SystemExit(f"SERVICELANE_FAILPOINT: {_name} is none of {', '.join(FAILPOINTS)}")


def reach(name: str) -> None:
    if name == _name and next(_passings) == int(_nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
