"""Requests to put a server of a live set through, what they change, and the driving of it."""

import json
import random

from expectation import Expectation
from line_target import Died
from server_clients import ACTIVE, DELETED, members_of, record_of

NOTE_BYTES = (2, 2, 2, 30, 30, 300, 3_000)
BULK_LINES = (2, 3, 4, 5, 6, 6, 20, 30, 120)
RECORDS_LINES = (12, 12, 30, 120)  # Of bulk requests that hold nothing but records: enough to be sealed before they are committed.
CONNECTIONS = 6
JSON, MERGE_PATCH, LINES = "application/json", "application/merge-patch+json", "application/x-ndjson"


class Request:
    """One request: `writes` are [(op, changes)], which happen whole or not at all, each."""

    def __init__(self, writes, method, path, body="", content_type=JSON, key=None):
        self.writes, self.key = writes, key
        content = body.encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: crash\r\nContent-Length: {len(content)}\r\nContent-Type: {content_type}\r\n"
        self.bytes = (head + (f"Idempotency-Key: {key}\r\n" if key else "") + "\r\n").encode() + content
        self.cut = None  # Where the sender pauses.
        self.is_bulk = "/bulk" in path
        self.is_all_records = False

    def outcomes(self, status, body):
        """[(outcome, op)] as the reply tells it; None: some of the writes, as many as the second value says."""
        ops = [op for op, _ in self.writes]
        outcome = {200: "ok", 201: "ok", 204: "ok", 507: "full", 500: "failed", 503: "failed"}.get(status)
        assert outcome, f"unexpected reply {status}: {body[:300]}"
        if not self.is_bulk:
            return [(outcome, op) for op in ops], None
        told = json.loads(body)
        written = sum(told[name] for name in ("created", "replaced", "patched", "deleted", "purged"))
        lines = sum(len(changes) for _, changes in self.writes)
        if outcome == "ok":
            assert written == lines, f"200 for {written} of {lines} lines: {body[:300]}"
        elif written > 0:
            assert len(ops) > 1, f"{written} of {lines} lines of an atomic request: {body[:300]}"
            return None, written
        return [(outcome, op) for op in ops], None


class ServerWorkload:
    """A sequence of requests that depends on the seed alone, apart from which clients are free when one is made."""

    def __init__(self, clients, seed):
        self.clients = clients
        self.random = random.Random(seed)
        self.seed = seed
        self.made = 0

    def next(self, expectation):
        """A request, or None as long as too many clients are in use."""
        busy = expectation.busy_keys()
        free = [key for key in self.clients.written if key not in busy]
        kind = self.random.choices(("one", "atomic", "lines"), (6, 2, 2))[0]
        all_records = kind != "one" and self.random.random() < 0.5
        count = 1 if kind == "one" else self.random.choice(RECORDS_LINES if all_records else BULK_LINES)
        if len(free) < count:
            return None
        keys = self.random.sample(free, count)
        if kind == "one":
            return self._one(keys[0], expectation.records.get(keys[0]))
        request = self.bulk(expectation, keys, kind == "atomic", all_records)
        if kind == "lines" and self.random.random() < 0.3:
            request.cut = self.random.randrange(len(request.bytes))
        return request

    def bulk(self, expectation, keys, is_atomic, all_records):
        """A line for each of these clients."""
        op = self._op()
        lines, changes = [], {}
        for place, key in enumerate(keys):
            line, changes[key] = self._line(f"{op}.{place}", key, None if all_records else expectation.records.get(key))
            lines.append(json.dumps(line) + "\n")
        writes = [(op, changes)] if is_atomic else [(f"{op}.{place}", {key: value}) for place, (key, value) in enumerate(changes.items())]
        path = "/clients/bulk?atomic=true" if is_atomic else "/clients/bulk"
        request = Request(writes, "POST", path, "".join(lines), LINES)
        request.is_all_records = all_records
        return request

    def _op(self):
        self.made += 1
        return f"w{self.seed}.{self.made}"

    def _note(self, op):
        # Unlike any other, and of noise, so that it does not compress to nothing.
        return f"{op}:{self.random.randbytes(self.random.choice(NOTE_BYTES) // 2).hex()}"

    def _change(self, op, old):
        """(what is done, the value afterwards, the note that is given for it)"""
        note = self._note(op)
        ways = ("put",) if old is None else ("put", "put", "patch", "patch", "purge") + (("delete",) if ACTIVE in old else ())
        way = self.random.choice(ways)
        if way == "put":
            return way, ACTIVE + note, note
        if way == "patch":
            return way, old.split(" ", 1)[0] + " " + note, note
        return way, None if way == "purge" else old.replace(ACTIVE, DELETED, 1), note

    def _one(self, key, old):
        op = self._op()
        way, value, note = self._change(op, old)
        writes, path = [(op, {key: value})], f"/clients/{key}"
        if way == "put" and old is None and self.random.random() < 0.6:
            return Request(writes, "POST", "/clients", json.dumps(record_of(key, note)), key=op)
        if way == "put":
            return Request(writes, "PUT", path, json.dumps(record_of(key, note)))
        if way == "patch":
            return Request(writes, "PATCH", path, json.dumps(members_of(note)), MERGE_PATCH)
        return Request(writes, "DELETE", path + ("?purge=true" if way == "purge" else ""))

    def _line(self, op, key, old):
        way, value, note = self._change(op, old)
        if way == "put":
            return record_of(key, note), value
        if way == "patch":
            return {"_patch": members_of(note), "id": key}, value
        return {"_" + way: key}, value


class ServerExpectation(Expectation):
    """Also knows bulk requests of which some lines were written, and replies that must be given again."""

    def __init__(self, clients):
        super().__init__()
        self.clients = clients
        self.records = clients.values()
        self.partial = []  # (ops, how many of them were written, whether the others are refused for good)
        self.posts = {}  # Requests that may be sent again, by op.
        self.record_batches = 0  # Bulk requests of nothing but records that were acknowledged.

    def copy(self):
        other = ServerExpectation(self.clients)
        other.__dict__.update(super().copy().__dict__, partial=list(self.partial), posts=dict(self.posts),
                              record_batches=self.record_batches)
        return other

    def remembered_posts(self):
        """The last ones that were acknowledged, or turned out to be there."""
        return [request for op, request in list(self.posts.items())[-40:] if op in self.acknowledged]

    def check_running(self, records, replies):
        for ops, told, refused in self.partial:
            for op in self._done(ops, records, told, told):
                self._apply(op)
            for op in ops:
                if refused:
                    self.open.pop(op, None)
        self.partial = []
        super().check_running(records, replies)

    def check_restarted(self, records, replies):
        for ops, told, refused in self.partial:
            self._done(ops, records, told, told if refused else len(ops))
        self.partial = []
        super().check_restarted(records, replies)

    def _done(self, ops, records, least, most):
        done = [op for op in ops if all(records.get(key) == value for key, value in self.open[op].items())]
        assert least <= len(done) <= most, f"{len(done)} of {len(ops)} lines are there, {least} were told: {ops[0]}"
        return done

    def _compare(self, records, replies):
        super()._compare(records, self.acknowledged)  # Replies are asked for one by one: HttpTarget.check_replies.


def drive_server(target, expectation, workload, writes, connections=CONNECTIONS):
    """As drive (workload.py), on several connections at a time."""
    answers, submitted, first_failed = [], 0, None

    def take(request, status, body):
        nonlocal first_failed
        outcomes, told = request.outcomes(status, body)
        if outcomes is None:
            expectation.partial.append(([op for op, _ in request.writes], told, status == 507))
            outcomes = [("full" if status == 507 else "failed", request.writes[0][0])]
        else:
            for outcome, op in outcomes:
                expectation.answer(outcome, op)
            expectation.record_batches += request.is_all_records and outcomes[0][0] == "ok"
        # Connections answer in no particular order: what was sent before a failure was known may have been written before it.
        place = first_failed if request.sent_before_failure and outcomes[0][0] == "ok" and first_failed is not None else len(answers)
        answers.insert(place, outcomes[0])
        if outcomes[0][0] == "failed" and first_failed is None:
            first_failed = len(answers) - 1

    try:
        while submitted < writes or target.unanswered():
            request = workload.next(expectation) if submitted < writes and target.unanswered() < connections else None
            if request:
                request.sent_before_failure = first_failed is None
                for op, changes in request.writes:
                    expectation.submit(op, changes)
                    if request.key:
                        expectation.posts[op] = request
                target.send(request)
                submitted += 1
            elif not target.unanswered():
                if not expectation.partial:
                    return answers  # Failed writes hold the clients.
                # As do those of which some lines were refused, until it shows which.
                expectation.check_running(*target.dump(expectation.ops))
            else:
                for event in target.events():
                    take(*event)
    except Died:
        for event in target.remaining_events():
            take(*event)
        raise
    return answers
