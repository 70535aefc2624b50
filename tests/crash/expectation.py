"""What a target must hold, kept outside of it: the records, and the writes whose fate is open."""


class Expectation:
    """The rules:

    - an acknowledged write is there, whole, for good;
    - a refused write ("full") is not there;
    - any other write (unanswered, or failed) is there whole or not at all, and after a restart that is settled.

    No two open writes may touch the same key, so that what became of each can be told from the records.
    """

    def __init__(self):
        self.records = {}
        self.open = {}  # By op: {key: value, or None to remove}.
        self.acknowledged = set()
        self.ops = []  # All that were ever submitted.

    def copy(self):
        other = Expectation()
        other.records, other.open = dict(self.records), dict(self.open)
        other.acknowledged, other.ops = set(self.acknowledged), list(self.ops)
        return other

    def busy_keys(self):
        return {key for changes in self.open.values() for key in changes}

    def submit(self, op, changes):
        assert not self.busy_keys() & changes.keys()
        # Otherwise it would not show whether the write is there.
        assert any(self.records.get(key) != value for key, value in changes.items())
        self.open[op] = changes
        self.ops.append(op)

    def answer(self, outcome, op):
        if op not in self.open:
            return  # No write.
        if outcome == "ok":
            self._apply(op)
        elif outcome == "full":
            del self.open[op]

    def _apply(self, op):
        for key, value in self.open.pop(op).items():
            if value is None:
                self.records.pop(key, None)
            else:
                self.records[key] = value
        self.acknowledged.add(op)

    def check_running(self, records, replies):
        """Of a target that goes on: what is not acknowledged does not show. Nothing may be unanswered."""
        self._compare(records, replies)

    def check_restarted(self, records, replies):
        """Settles the open writes by what is there, and compares every record and every remembered reply."""
        for op, changes in list(self.open.items()):
            differing = {key: value for key, value in changes.items() if self.records.get(key) != value}
            done = {key for key, value in differing.items() if records.get(key) == value}
            assert not done or done == differing.keys(), f"half of write {op} is there: {sorted(done)} of {sorted(differing)}"
            if done:
                self._apply(op)
            else:
                del self.open[op]
        self._compare(records, replies)

    def _compare(self, records, replies):
        wrong = [f"{key}: expected {short(self.records.get(key))}, got {short(records.get(key))}"
                 for key in sorted(self.records.keys() | records.keys()) if self.records.get(key) != records.get(key)]
        assert not wrong, "\n".join(wrong)
        assert replies == self.acknowledged, f"replies: lost {self.acknowledged - replies}, unexpected {replies - self.acknowledged}"


def short(value):
    return value if value is None or len(value) < 40 else f"{value[:20]}...({len(value)})"
