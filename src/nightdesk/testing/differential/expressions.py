"""Expressions over the series of the lively exporter: some chosen for what they try, the others made by rule and seed.

All are in the language of Prometheus 2.42, and none leaves its answer to chance (ties, sums that cancel out).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CHOSEN: Final = (
    "up", "plain", "requests_total", 'requests_total{code="500"}', 'temperature{room=~"a.*|hall"}', "odd",
    'temperature{room!~"porch|hall",job="a"}', '{__name__=~"temp.*",floor="1"}', "sometimes", "absent(sometimes)",
    'absent(nowhere{a="b"})', 'absent_over_time(sometimes{job="a"}[1s])', 'text{q="say \\"x\\""}', "1 + 2 * 3 ^ 2",
    "vector(time())", "scalar(plain{job='a'})", "time() % 60", '"text"', "rate(requests_total[3s])",
    "irate(requests_total[2s])", "increase(requests_total{code='404'}[5s])", "delta(temperature[3s])",
    "idelta(temperature[3s])", "deriv(temperature[3s])", "predict_linear(temperature[3s], 60)",
    "resets(requests_total[10s])", "changes(temperature[4s])", "sum by (code) (rate(requests_total[4s]))",
    "sum without (path, instance) (requests_total)", "avg(temperature) by (floor)", "count(up)", "group(up)",
    "stddev(temperature)", "stdvar by (room) (temperature)", "topk(2, temperature)",
    "bottomk by (job) (1, temperature)", "quantile(0.3, temperature)", "count_values('v', plain)", "min(odd)",
    "max by (kind) (odd)", "sum(odd)", "histogram_quantile(0.9, rate(latency_seconds_bucket[4s]))",
    "last_over_time(plain[7s])", "histogram_quantile(0.5, sum by (le) (rate(latency_seconds_bucket[3s])))",
    "quantile_over_time(0.7, temperature[5s])", "avg_over_time(temperature[3s]) - min_over_time(temperature[3s])",
    "max_over_time(plain[2s])", "stddev_over_time(temperature[4s])", "stdvar_over_time(plain[4s])",
    "present_over_time(sometimes[1s])", "count_over_time(temperature[3s])", "sum_over_time(plain[5s] offset 1s)",
    "temperature offset 2s", "plain offset -1s", "temperature > 20", "temperature > bool 20",
    "temperature > on (room, job) group_left comfortable",
    "temperature - on (room, job, instance) group_left () comfortable", "comfortable and on (room) temperature > 21",
    "temperature unless on (room) (temperature < 19)", 'plain or requests_total{code="200"}',
    "latency_seconds_sum / latency_seconds_count",
    "requests_total / ignoring (code) group_left sum without (code) (requests_total)",
    "rate((requests_total offset SHIFT)[2100ms:250ms])",
    "max_over_time(rate(requests_total[2s] offset SHIFT)[4100ms:500ms])", "sum_over_time(up[10s])",
    'label_replace(temperature, "place", "$1-x", "room", "(.*)")',
    'label_join(temperature, "id", "/", "room", "floor")', "sort(temperature)", "sort_desc(plain)", "abs(odd)",
    "ceil(temperature)", "floor(odd)", "temperature % 3",
    "requests_total % on (path, code) group_left count by (path, code) (requests_total)", "round(temperature, 0.25)",
    "sgn(odd)", "clamp(temperature, 19, 22)", "clamp_max(temperature, 20)", "exp(plain)", "ln(temperature)",
    "sqrt(temperature)", "sin(temperature)", "deg(temperature)", "timestamp(temperature)", "minute(timestamp(plain))",
    "day_of_week()", "days_in_month(vector(0))", "hour(vector(1e9))", "-temperature", "up == 1", "up != 0",
    "requests_total @ end()", "requests_total @ start() - requests_total", "rate(requests_total[3s] @ end())",
    "requests_total + requests_total", "requests_total + on (path) temperature", "sum(requests_total) by (nothing)",
    "rate(temperature)", "rate(requests_total{job='a'}[10s])", "temperature[3s]", "(plain offset SHIFT)[4s:1s]",
    "day_of_month(timestamp(plain))", "month(timestamp(plain))", "year(timestamp(plain))", "day_of_year(vector(1e9))",
    "acosh(temperature)", "asinh(odd)", "asin(odd)", "atanh(odd)", "cosh(plain)", "sinh(plain)", "tan(plain)",
    "rad(odd)", "log2(odd)", "log10(odd)", "cos(plain) ^ 2", "odd ^ 0", "odd * 0", "odd / 0", "odd % 2", "-odd", "+odd",
    "odd == odd", "odd != bool odd", "odd > bool -Inf", "odd and odd > 0", "sum by (job) (odd)", "avg by (job) (odd)",
    "topk(3, odd)", "bottomk(3, odd)", "topk(0, odd)", "topk(-1, odd)", "topk(1e3, odd)", "topk(1e20, odd)",
    "bottomk(NaN, odd)", "sort(odd)", "sort_desc(odd)", "quantile(0.5, odd)", "quantile(NaN, odd)", "quantile(-1, odd)",
    "quantile(2, temperature)", "count_values without (job) ('worth', odd)", "clamp(temperature, 5, 1)",
    "clamp_min(odd, NaN)", "clamp(odd, -1, 1)", "round(odd)", "round(temperature, 0)", "scalar(nowhere)", "vector(NaN)",
    "absent(sum(nowhere))", "absent(nowhere{a=~'b.*',c='d',c='e'})", "absent_over_time(nowhere{a='b',c=~'d'}[1s])",
    "-Inf < bool NaN", "1 / 0", "0 % 0", "NaN == bool NaN", "2 ^ 3 ^ 2", "-2 ^ 2", "histogram_quantile(0.5, plain)",
    "histogram_quantile(NaN, rate(latency_seconds_bucket[2s]))", "histogram_quantile(0.5, requests_total)",
    "min_over_time(odd[2s])", "max_over_time(odd[2s])", "sum_over_time(odd[2s])", "avg_over_time(odd[2s])",
    "quantile_over_time(0.5, odd[2s])", "changes(odd[2s])", "resets(odd[2s])", "last_over_time(odd[2s])",
    "label_replace(temperature, 'x', '', 'room', '(')", "label_replace(temperature, 'room', 'r', 'room', '.*')",
    'label_replace(temperature, "part", "${first}-$2", "room", "(?P<first>.)(.*)")', "sum without () (up)",
    "group by (nothing) (temperature)", "comfortable * on (room) group_right (floor) temperature",
    "temperature * on (room, job) group_left (floor) comfortable", "up * on (job) group_left (x) count by (job) (odd)",
    "temperature == ignoring (room) temperature", "sum(temperature) > bool sum(comfortable)", "temperature[0s]",
    "nosuch(plain)", "sum(", 'temperature{room=~"("}', "scalar(up)", "pi()", "up offset 1h",
)  # fmt: skip
RANKING: Final = ("topk", "bottomk")
"""Operators that choose: of equal values either side may keep another."""
ORDERING: Final = ("sort(", "sort_desc(", "topk(", "topk (", "bottomk(", "bottomk (")

_VECTORS: Final = (
    "requests_total", "temperature", "comfortable", "plain", "sometimes", "up", "latency_seconds_count",
    "latency_seconds_sum", 'requests_total{path="/"}', 'requests_total{code=~"4.."}', 'temperature{floor="0"}',
    'temperature{room!="hall"}', 'plain{job="a"}', 'up{job!="gone"}', 'odd{kind=~"zero|negative"}',
    'odd{kind=~"nan|zero"}', 'odd{kind=~"plus|negative"}', 'odd{kind="minus"}', 'sometimes{job="b"}', 'up{job="gone"}',
)  # fmt: skip
_RATES: Final = ("rate", "increase", "irate")
"""Asked of counters alone: taken for one, a gauge near zero is extrapolated otherwise by 2.42."""
_CHANGES: Final = ("irate", "delta", "idelta", "changes", "resets")
_COUNTERS: Final = ("requests_total", "latency_seconds_count", 'requests_total{path="/",code=~"2..|404"}')
_OVER_TIME: Final = ("avg", "min", "max", "sum", "count", "last", "present", "stddev", "stdvar")
_MATHS: Final = (
    "abs", "sqrt", "ln", "sin", "cos", "tanh", "deg", "rad", "sgn", "log2", "log10", "atan", "asinh", "acos", "-", "+",
    "time() - timestamp", "vector(scalar", "absent", "sort", "sort_desc", "day_of_year(timestamp", "minute(timestamp",
)  # fmt: skip
"""None that makes much of a last bit, as rounding does. Go's exp gives infinity a little before a double ends."""
_RELABELLED: Final = (
    ("label_replace(", ', "place", "$1-x", "room", "(.).*")'), ("label_replace(", ', "job", "$2", "path", "(/)(.*)")'),
    ("label_replace(", ', "room", "", "floor", ".*")'), ("label_join(", ', "id", "/", "job", "room", "code")'),
    ("label_join(", ', "path", "", "nothing")'), ("clamp_min(", ", 3)"), ("clamp_max(", ", 3)"),
)  # fmt: skip
_FOLDS: Final = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
_LABELS: Final = ("job", "room", "floor", "path", "code", "instance", "le")
_ARITHMETIC: Final = ("+", "-", "*", "/")
_COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=")
_SPANS: Final = ("1s", "2s", "3s", "5s", "10s")
_SUBQUERY_SPANS: Final = {False: ("1100ms", "2100ms", "5100ms"), True: ("1105ms", "2105ms", "5105ms")}
"""By whether it stands inside another; there never whole steps, so that no point is on the edge of its window."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question in the words of Prometheus 3, which are ours, and in words that mean the same to 2.42."""

    ours: str
    theirs: str

    @classmethod
    def alike(cls, text: str) -> "Asked":
        """Both understand this alike."""
        return cls(text, text)

    def within(self, before: str, after: str) -> "Asked":
        """Put text around."""
        return Asked(f"{before}{self.ours}{after}", f"{before}{self.theirs}{after}")

    def beside(self, operator: str, other: "Asked") -> "Asked":
        """Combine two."""
        return Asked(f"({self.ours}) {operator} ({other.ours})", f"({self.theirs}) {operator} ({other.theirs})")


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes vectors of a given depth."""

    chance: random.Random
    shift: int
    """Ms by which what is asked inside a subquery looks back, since its steps are whole multiples."""
    inside: bool = False
    """Whether it makes what stands inside a subquery."""

    def vector(self, depth: int) -> Asked:
        """Return an expression that yields a vector."""
        if depth == 0:
            return self._selected()
        kinds = (self._ranged, self._folded, self._computed, self._combined, self._chained, self._subquery)
        return self.chance.choice(kinds)(depth - 1)

    def _selected(self) -> Asked:
        return Asked.alike(self.chance.choice(_VECTORS) + self._offset())

    def _offset(self) -> str:
        if self.chance.random() < 0.08:
            # Fixed at an edge of the query, whose instants need no shift.
            return self.chance.choice((" @ start()", " @ end()", " @ end() offset 1s", " offset -500ms @ start()"))
        millis = self.chance.choice((0, 0, 0, 1000, 2500, -750)) + (self.shift if self.inside else 0)
        return f" offset {millis}ms" if millis else ""

    def _ranged(self, _depth: int) -> Asked:
        span = f"[{self.chance.choice(_SPANS)}]{self._offset()}"
        if self.chance.random() < 0.3:
            return Asked.alike(f"{self.chance.choice(_RATES)}({self.chance.choice(_COUNTERS)}{span})")
        window = self.chance.choice(_VECTORS) + span
        if self.chance.random() < 0.3:
            return Asked.alike(f"{self.chance.choice(_CHANGES)}({window})")
        if self.chance.random() < 0.2:
            return Asked.alike(
                f"quantile_over_time({self.chance.choice(('0', '0.25', '0.9', '1', '-1', '2'))}, {window})"
            )
        if self.chance.random() < 0.2:
            fit = self.chance.choice(("deriv(", "predict_linear(", "absent_over_time("))
            if "@" in window and fit.startswith("pre"):
                # 2.42 loses samples of a fixed window from step to step, where this function is asked of it.
                fit = "deriv("
            return Asked.alike(f"{fit}{window}{', 7)' if fit.startswith('pre') else ')'}")
        if self.chance.random() < 0.2:
            buckets = f"rate(latency_seconds_bucket{span})"
            how = self.chance.choice((buckets, f"sum by (le) ({buckets})", f"avg without (instance) ({buckets})"))
            return Asked.alike(f"histogram_quantile({self.chance.choice(('0.1', '0.5', '0.99', '1', '-1'))}, {how})")
        return Asked.alike(f"{self.chance.choice(_OVER_TIME)}_over_time({window})")

    def _subquery(self, depth: int) -> Asked:
        fold, span = (
            self.chance.choice(("max", "min", "count", "last")),
            self.chance.choice(_SUBQUERY_SPANS[self.inside]),
        )
        inner = _Maker(self.chance, self.shift, inside=True)
        step = self.chance.choice(("500ms", "500ms", "350ms", "1s"))
        where = self.chance.choice(("", "", "", " offset 1s", " offset -300ms", " @ end()", " @ start() offset 500ms"))
        if self.inside and "@" in where:
            # 2.42 reckons what is fixed within a fixed subquery of another from elsewhere.
            where = ""
        return inner.vector(min(depth, 1)).within(f"{fold}_over_time((", f")[{span}:{step}]{where})")

    def _folded(self, depth: int) -> Asked:
        labels = ", ".join(self.chance.sample(_LABELS, self.chance.randint(0, 2)))
        how = self.chance.choice(("", f" by ({labels})", f" without ({labels})"))
        if self.chance.random() < 0.15:
            return self.vector(depth).within(f"quantile{how} ({self.chance.choice(('0.1', '0.5', '0.95'))}, ", ")")
        if self.chance.random() < 0.15:
            return self._selected().within(f"{self.chance.choice(RANKING)}{how} ({self.chance.randint(1, 3)}, ", ")")
        if self.chance.random() < 0.05:
            return self._selected().within(f"count_values{how} ('worth', ", ")")
        fold = self.chance.choice(_FOLDS)
        folded = self.vector(depth).within(f"{fold}{how} (", ")")
        if fold not in ("stddev", "stdvar"):
            return folded
        # In 2.42 the deviation of a single NaN or infinity is 0, in 3 it is NaN: adding nothing of the sum makes it so.
        return Asked(folded.ours, f"({folded.theirs} + 0 * {folded.theirs.replace(fold, 'sum', 1)})")

    def _computed(self, depth: int) -> Asked:
        if self.chance.random() < 0.2:
            return self.vector(depth).within("clamp(", f", 1, {self.chance.randint(-2, 30)})")
        if self.chance.random() < 0.25:
            return self.vector(depth).within(*self.chance.choice(_RELABELLED))
        how, inner = self.chance.choice(_MATHS), self.vector(depth)
        if "timestamp" in how and "@" in inner.ours:
            # 2.42 drops an offset that stands beside @ there.
            how = "abs"
        return inner.within(f"{how}(", "))" if "(" in how else ")")

    def _combined(self, depth: int) -> Asked:
        operator = self.chance.choice((*_ARITHMETIC, *_COMPARISONS))
        returns = " bool" if operator in _COMPARISONS and self.chance.random() < 0.5 else ""
        if self.chance.random() < 0.5:
            number = self.chance.choice(("0", "1", "2.5", "20", "-3"))
            return self.vector(depth).within("(", f") {operator}{returns} {number}")
        labels = ", ".join(self.chance.sample(_LABELS, self.chance.randint(1, 2)))
        matching = self.chance.choice(("", f" on ({labels})", f" ignoring ({labels})"))
        if matching and self.chance.random() < 0.5:
            included = ", ".join(label for label in self.chance.sample(_LABELS, 2) if label not in labels)
            side = self.chance.choice((f"group_left ({included})", f"group_right ({included})", "group_left"))
            matching = f" on ({labels}) {side}"
            alone = self.vector(depth).within(f"max by ({labels}, {included}) (".replace(", )", ")"), ")")
            sides = (self.vector(depth), alone) if "left" in side else (alone, self.vector(depth))
            return sides[0].beside(f"{operator}{returns}{matching}", sides[1])
        return self.vector(depth).beside(f"{operator}{returns}{matching}", self.vector(depth))

    def _chained(self, depth: int) -> Asked:
        operator = self.chance.choice(("and", "or", "unless"))
        matching = self.chance.choice(("", " on (job)", " on (room, job)", " ignoring (code)"))
        return self.vector(depth).beside(f"{operator}{matching}", self.vector(depth))


def chosen(shift: int) -> list[Asked]:
    """Return the chosen expressions; what stands inside a subquery looks back by `shift` ms."""
    return [Asked.alike(text.replace("SHIFT", f"{shift}ms")) for text in CHOSEN]


def generated(count: int, seed: int, shift: int) -> Iterator[Asked]:
    """Yield so many different expressions; the same for the same seed, but for the shift inside subqueries."""
    maker, known = _Maker(random.Random(seed), shift), set[Asked]()  # noqa: S311 - a repeatable choice is the point
    while len(known) < count:
        expression = maker.vector(maker.chance.randint(1, 3))
        if expression not in known:
            known.add(expression)
            yield expression


def is_ranked(expression: str) -> bool:
    """Tell whether an expression chooses by rank somewhere."""
    return any(operator in expression for operator in RANKING)


def is_ordered(expression: str) -> bool:
    """Tell whether an expression puts what it answers in an order."""
    return expression.startswith(ORDERING)
