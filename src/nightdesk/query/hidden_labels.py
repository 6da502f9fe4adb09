"""Labels that rows bear between the series and the answer: no series can have one, and no answer shows one.

Their names are no UTF-8, and sort behind every label of a series that begins at or before U+DFFF. A row may bear both;
then the name on its way out stands last: it is put behind whatever is there, and once it is taken off the member is
the last label.
"""

from typing import Final

MEMBER: Final = "\udcfe"
"""The number of the expression that a row belongs to, where several are evaluated as one (`together.shape`)."""
GOING_NAME: Final = "\udcff"
"""The metric name that an operation took away: until the answer it can still be grouped by and replaced (`names`)."""
assert MEMBER < GOING_NAME
