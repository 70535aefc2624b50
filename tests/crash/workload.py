"""Writes to put a target through, and the driving of it."""

import random

from line_target import Died

KEYS = [f"key{number}" for number in range(40)]
VALUE_BYTES = (1, 30, 300, 3_000, 12_000)  # From far less to more than a page of the store.
REPLACE_EVERY = 9
UNANSWERED_MAX = 6  # So that several writes share a group.


class Workload:
    """A sequence of writes that depends on the seed alone, apart from which keys are free when one is made."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.made = 0

    def next(self, expectation):
        """(op, changes), or None as long as too many keys are in use."""
        free = [key for key in KEYS if key not in expectation.busy_keys()]
        count = 1 if self.random.random() < 0.7 else self.random.randint(2, 6)
        if len(free) < count:
            return None
        self.made += 1
        op = f"w{self.seed}.{self.made}"
        changes = {}
        for key in self.random.sample(free, count):
            removes = self.random.random() < 0.2 and key in expectation.records
            changes[key] = None if removes else self._value(op)
        return op, changes

    def _value(self, op):
        size = self.random.choice(VALUE_BYTES)
        # Unlike any other, and of noise, so that it does not compress to nothing.
        return f"{op}:{self.random.randbytes(size // 2).hex()}"


def drive(target, expectation, workload, writes):
    """Submits so many writes, several at a time, and a replace between them now and then, and waits for all answers. Returns
    the answers in their order. When the target dies, what it had said is taken note of and Died is raised."""
    answers, unanswered = [], set()

    def take(outcome, op):
        unanswered.discard(op)
        expectation.answer(outcome, op)
        answers.append((outcome, op))

    try:
        submitted = 0
        while submitted < writes or unanswered:
            made = workload.next(expectation) if submitted < writes and len(unanswered) < UNANSWERED_MAX else None
            if made:
                expectation.submit(*made)
                target.write(*made)
                unanswered.add(made[0])
                submitted += 1
                if submitted % REPLACE_EVERY == 0:
                    op = f"r{workload.seed}.{submitted}"
                    target.replace(op)
                    unanswered.add(op)
            elif not unanswered:
                return answers  # Failed writes hold the keys.
            else:
                take(*target.event())
    except Died:
        for outcome, op in target.remaining_events():
            take(outcome, op)
        raise
    return answers
