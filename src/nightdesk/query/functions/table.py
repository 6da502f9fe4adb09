"""Every function of PromQL, in one table: the name, what it takes, what it gives, where it is computed."""

from typing import Final

import numpy as np

from nightdesk.query.functions import (
    elementwise,
    histogram,
    information,
    over_time,
    presence,
    rates,
    regression,
    relabelling,
    sorting,
    time_parts,
)
from nightdesk.query.functions.elementwise import applied
from nightdesk.query.functions.signature import Function
from nightdesk.query.functions.time_parts import date_part
from nightdesk.query.language.tree import ValueType

_N, _S, _V, _M = ValueType.SCALAR, ValueType.STRING, ValueType.VECTOR, ValueType.MATRIX

FUNCTIONS: Final[dict[str, Function]] = {
    # counters and gauges over a window
    "rate": Function((_M,), _V, rates.rate),
    "increase": Function((_M,), _V, rates.increase),
    "delta": Function((_M,), _V, rates.delta),
    "irate": Function((_M,), _V, rates.irate),
    "idelta": Function((_M,), _V, rates.idelta),
    "changes": Function((_M,), _V, over_time.changes),
    "resets": Function((_M,), _V, over_time.resets),
    "deriv": Function((_M,), _V, regression.deriv),
    "predict_linear": Function((_M, _N), _V, regression.predict_linear),
    "double_exponential_smoothing": Function((_M, _N, _N), _V, regression.double_exponential_smoothing),
    "holt_winters": Function((_M, _N, _N), _V, regression.double_exponential_smoothing),  # Prometheus 2.x says it so
    # a window folded to a number
    "avg_over_time": Function((_M,), _V, over_time.avg_over_time),
    "count_over_time": Function((_M,), _V, over_time.count_over_time),
    "first_over_time": Function((_M,), _V, over_time.first_over_time),
    "last_over_time": Function((_M,), _V, over_time.last_over_time),
    "mad_over_time": Function((_M,), _V, over_time.mad_over_time),
    "max_over_time": Function((_M,), _V, over_time.max_over_time),
    "min_over_time": Function((_M,), _V, over_time.min_over_time),
    "present_over_time": Function((_M,), _V, over_time.present_over_time),
    "quantile_over_time": Function((_N, _M), _V, over_time.quantile_over_time),
    "stddev_over_time": Function((_M,), _V, over_time.stddev_over_time),
    "stdvar_over_time": Function((_M,), _V, over_time.stdvar_over_time),
    "sum_over_time": Function((_M,), _V, over_time.sum_over_time),
    "ts_of_first_over_time": Function((_M,), _V, over_time.ts_of_first_over_time),
    "ts_of_last_over_time": Function((_M,), _V, over_time.ts_of_last_over_time),
    "ts_of_max_over_time": Function((_M,), _V, over_time.ts_of_max_over_time),
    "ts_of_min_over_time": Function((_M,), _V, over_time.ts_of_min_over_time),
    # presence
    "absent": Function((_V,), _V, presence.absent),
    "absent_over_time": Function((_M,), _V, presence.absent_over_time),
    "scalar": Function((_V,), _N, presence.scalar),
    "vector": Function((_N,), _V, presence.vector),
    # histograms
    "histogram_avg": Function((_V,), _V, histogram.of_native),
    "histogram_count": Function((_V,), _V, histogram.of_native),
    "histogram_fraction": Function((_N, _N, _V), _V, histogram.histogram_fraction),
    "histogram_quantile": Function((_N, _V), _V, histogram.histogram_quantile),
    "histogram_quantiles": Function((_V, _S, _N), _V, histogram.histogram_quantiles, variadic=True, fans_out=True),
    "histogram_stddev": Function((_V,), _V, histogram.of_native),
    "histogram_stdvar": Function((_V,), _V, histogram.of_native),
    "histogram_sum": Function((_V,), _V, histogram.of_native),
    # labels and order
    "info": Function((_V, _V), _V, information.info, optional=1),
    "label_join": Function((_V, _S, _S, _S), _V, relabelling.label_join, optional=1, variadic=True),
    "label_replace": Function((_V, _S, _S, _S, _S), _V, relabelling.label_replace),
    "sort": Function((_V,), _V, sorting.sort),
    "sort_by_label": Function((_V, _S), _V, sorting.sort_by_label, optional=1, variadic=True),
    "sort_by_label_desc": Function((_V, _S), _V, sorting.sort_by_label_desc, optional=1, variadic=True),
    "sort_desc": Function((_V,), _V, sorting.sort_desc),
    # one value at a time
    "abs": Function((_V,), _V, applied(np.abs)),
    "ceil": Function((_V,), _V, applied(np.ceil)),
    "clamp": Function((_V, _N, _N), _V, elementwise.clamp),
    "clamp_max": Function((_V, _N), _V, elementwise.clamp_max),
    "clamp_min": Function((_V, _N), _V, elementwise.clamp_min),
    "exp": Function((_V,), _V, applied(np.exp)),
    "floor": Function((_V,), _V, applied(np.floor)),
    "ln": Function((_V,), _V, applied(np.log)),
    "log10": Function((_V,), _V, applied(np.log10)),
    "log2": Function((_V,), _V, applied(np.log2)),
    "round": Function((_V, _N), _V, elementwise.round_to, optional=1),
    "sgn": Function((_V,), _V, applied(elementwise.sign)),
    "sqrt": Function((_V,), _V, applied(np.sqrt)),
    # trigonometry
    "acos": Function((_V,), _V, applied(np.arccos)),
    "acosh": Function((_V,), _V, applied(np.arccosh)),
    "asin": Function((_V,), _V, applied(np.arcsin)),
    "asinh": Function((_V,), _V, applied(np.arcsinh)),
    "atan": Function((_V,), _V, applied(np.arctan)),
    "atanh": Function((_V,), _V, applied(np.arctanh)),
    "cos": Function((_V,), _V, applied(np.cos)),
    "cosh": Function((_V,), _V, applied(np.cosh)),
    "deg": Function((_V,), _V, applied(np.degrees)),
    "pi": Function((), _N, elementwise.constant(np.pi)),
    "rad": Function((_V,), _V, applied(np.radians)),
    "sin": Function((_V,), _V, applied(np.sin)),
    "sinh": Function((_V,), _V, applied(np.sinh)),
    "tan": Function((_V,), _V, applied(np.tan)),
    "tanh": Function((_V,), _V, applied(np.tanh)),
    # time
    "day_of_month": Function((_V,), _V, date_part(time_parts.day_of_month), optional=1),
    "day_of_week": Function((_V,), _V, date_part(time_parts.day_of_week), optional=1),
    "day_of_year": Function((_V,), _V, date_part(time_parts.day_of_year), optional=1),
    "days_in_month": Function((_V,), _V, date_part(time_parts.days_in_month), optional=1),
    "hour": Function((_V,), _V, date_part(time_parts.hour), optional=1),
    "minute": Function((_V,), _V, date_part(time_parts.minute), optional=1),
    "month": Function((_V,), _V, date_part(time_parts.month), optional=1),
    "time": Function((), _N, time_parts.time),
    "timestamp": Function((_V,), _V, time_parts.timestamp),
    "year": Function((_V,), _V, date_part(time_parts.year), optional=1),
    # the query itself, and two scalars
    "end": Function((), _N, time_parts.query_end),
    "max_of": Function((_N, _N), _N, elementwise.largest_of),
    "min_of": Function((_N, _N), _N, elementwise.smallest_of),
    "range": Function((), _N, time_parts.query_range),
    "start": Function((), _N, time_parts.query_start),
    "start_timestamp": Function((_V,), _V, time_parts.start_timestamp),
    "step": Function((), _N, time_parts.query_step),
}
