"""Crash tests: what was acknowledged survives a kill, a failing disk and a full one. See README.md.

crash_test.py --target 'PROGRAM {folder}' [--http [--snapshot CLIENTS]] [--faults LIBRARY] kill | log-cut | faults | strace
"""

import argparse
import collections
import concurrent.futures
import functools
import itertools
import json
import multiprocessing
import os
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

from expectation import Expectation
from http_target import HttpTarget
from line_target import Died, LineTarget
from server_clients import Clients
from server_workload import RECORDS_LINES, ServerExpectation, ServerWorkload, drive_server
from workload import Workload, drive

FULL = os.environ.get("CLIENTELE_CRASH_FULL") == "1"
KILLS = int(os.environ.get("CLIENTELE_CRASH_KILLS", "100"))
SEED = int(os.environ.get("CLIENTELE_CRASH_SEED", "1"))
WRITES = 40
# Runs at a time. The ordinary test run has other tests beside these.
WORKERS = int(os.environ.get("CLIENTELE_CRASH_WORKERS", os.cpu_count() if FULL else 1))
# "2/5": the second fifth of the runs, all over the test.
PART, PARTS = (int(number) for number in os.environ.get("CLIENTELE_CRASH_PART", "1/1").split("/"))
# Where the moment does not depend on the disk, memory will do.
FAST_FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
SKIPPED = 77
SNAPSHOT_FILE = "segment-0001.clientele"
LOG_BYTES = 16 << 20  # More than all writes together need.

WRITE_CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "fallocate", "rename", "unlink", "openat")


# How a program is driven.
Driving = collections.namedtuple("Driving", "target expectation workload drive drive_in_turn")
BY_LINES = Driving(LineTarget, Expectation, Workload, drive, drive)


def by_http(clients):
    return Driving(functools.partial(HttpTarget, clients), functools.partial(ServerExpectation, clients),
                   functools.partial(ServerWorkload, clients), drive_server, functools.partial(drive_server, connections=1))


class Harness:
    def __init__(self, arguments, work):
        self.command, self.faults, self.work = arguments.target, arguments.faults, work
        self.is_http = arguments.http
        self.folders = 0
        self.snapshot = None
        originals = []
        if arguments.snapshot:
            self.snapshot, originals = self.make_snapshot(arguments.snapshot)
        self.driving = by_http(Clients(originals)) if arguments.http else BY_LINES

    def make_snapshot(self, clients):
        """(folder, its records)"""
        program, records, folder = shlex.split(self.command)[0], self.new_folder(), self.new_folder()
        subprocess.run([program, "generate", "--quiet", "--clients", str(clients), "--seed", str(SEED), "--out", records], check=True)
        subprocess.run([program, "load", "--quiet", records, "--out", folder], check=True, stdout=subprocess.DEVNULL)
        with open(records, encoding="utf-8") as lines:
            return folder, [json.loads(line) for line in lines]

    def new_folder(self):
        self.folders += 1
        return os.path.join(self.work, f"{os.getpid()}-{self.folders}")

    def new_set(self):
        """Where a set is to be: nothing, or the snapshot as which it begins."""
        folder = self.new_folder()
        if self.snapshot:
            shutil.copytree(self.snapshot, folder)
        return folder

    def command_without_checkpoints(self):
        """Everything stays in the log."""
        if self.is_http:
            return re.sub(r"--checkpoint-bytes \d+", f"--checkpoint-bytes {LOG_BYTES}", self.command)
        return f"{self.command} {LOG_BYTES}"

    def command_without_sealing_ahead(self):
        """Batches of records are committed row by row."""
        return re.sub(r"--segment-rows \d+ ", "", self.command)

    def few(self, ordinary):
        """How much of a test is done in an ordinary run: less with snapshots, which take longer."""
        return ordinary // 3 if self.snapshot else ordinary

    def start(self, folder, command=None, **options):
        return self.driving.target(command or self.command, folder, **options)

    def compare(self, target, expectation):
        """Everything that is there after a restart."""
        expectation.check_restarted(*target.dump(expectation.ops))
        target.check_replies(expectation)

    def check(self, folder, expectation, what):
        """Restarts without any fault and compares everything."""
        target = self.start(folder)
        try:
            target.wait_ready()
            self.compare(target, expectation)
        except (Died, AssertionError) as error:
            raise AssertionError(f"{what}: {error}; kept in {keep(folder)}") from error
        finally:
            target.kill()

    def run(self, folder, expectation, seed, writes=WRITES, drive=None, until=lambda answers: True, **options):
        """A run with a fault in it: (whether it became ready, whether it lived to the end, answers). Goes on for some more writes as long as
        what is waited for did not happen: what a server does in the background, and with it the number of its calls, differs between
        runs by a factor of two."""
        target = self.start(folder, **options)
        ready, answers = False, []
        try:
            target.wait_ready()
            ready = True
            drive, workload = drive or self.driving.drive, self.driving.workload(seed)
            answers = drive(target, expectation, workload, writes)
            while not until(answers) and len(answers) < 10 * writes:
                answers += drive(target, expectation, workload, writes // 4)
            expectation.check_running(*target.dump(expectation.ops))
        except Died:
            return ready, False, answers
        finally:
            target.kill()
        return ready, True, answers


def keep(folder):
    kept = tempfile.mkdtemp(prefix="clientele-crash-")
    shutil.copytree(folder, kept, dirs_exist_ok=True)
    return kept


def sample(numbers, size):
    """All of them in a full run."""
    numbers = list(numbers)
    return numbers if FULL or len(numbers) <= size else sorted(random.Random(SEED).sample(numbers, size))


def in_parallel(run, jobs):
    """[run(job) for job in jobs], or of a part of them; some at a time, each in a process of its own."""
    jobs = jobs[PART - 1::PARTS]
    if WORKERS == 1 or len(jobs) < 2:
        return [run(job) for job in jobs]
    in_parallel.work = run, jobs  # The processes are forks of this one.
    pool = concurrent.futures.ProcessPoolExecutor(WORKERS, multiprocessing.get_context("fork"))
    try:
        return list(pool.map(run_one_in_parallel, range(len(jobs))))
    finally:
        pool.shutdown(cancel_futures=True)


def run_one_in_parallel(place):
    run, jobs = in_parallel.work
    return run(jobs[place])


def total(counters):
    return sum(counters, collections.Counter())


def test_kill(harness):
    """kill -9 at random moments, starting included; each time all of what the runs before have left."""
    folder, expectation, moment = harness.new_set(), harness.driving.expectation(), random.Random(SEED)
    killed_at, kills = collections.Counter(), harness.few(KILLS)
    # A server in turn seals long batches of records before they are committed, and puts them into its live table in steps.
    commands = [harness.command, harness.command_without_sealing_ahead()]
    record_batches = collections.Counter()
    for cycle in range(kills):
        command, batches_before = commands[cycle % 2], expectation.record_batches if harness.is_http else 0
        target = harness.start(folder, command)
        # Some are killed at their start. The life of the others is long enough for checkpoints, and for merges of a server.
        at_start = moment.random() < 0.25
        killer = threading.Timer(moment.uniform(0.0, 0.06 if at_start else 0.25), target.process.kill)
        stage = "start"
        try:
            if at_start:
                killer.start()
            target.wait_ready()
            stage = "check"
            harness.compare(target, expectation)
            stage = "load"
            if not at_start:
                killer.start()
            harness.driving.drive(target, expectation, harness.driving.workload(f"{SEED}.{cycle}"), 1_000_000)
        except Died as died:
            assert not died.args, f"cycle {cycle}: {died}"
        except AssertionError as error:
            target.kill()
            raise AssertionError(f"cycle {cycle}: {error}; kept in {keep(folder)}") from error
        killer.join()
        target.kill()
        killed_at[stage] += 1
        if harness.is_http:
            record_batches[command] += expectation.record_batches - batches_before
    harness.check(folder, expectation, "at last")
    assert killed_at["load"] > kills // 4, killed_at
    report = f"{kills} kills ({dict(killed_at)}), {len(expectation.ops)} writes, {len(expectation.acknowledged)} kept"
    if harness.is_http:
        # That it was killed at sealing and merging as well.
        files = max(int(name.split("-")[1].split(".")[0]) for name in os.listdir(folder) if name.startswith("segment-"))
        assert files > kills // 2, f"only {files} segment files were written"
        assert not harness.snapshot or not is_there(folder, SNAPSHOT_FILE), "the snapshot's file was never merged"
        check_sealing_ahead(harness)
        assert min(record_batches[command] for command in commands) > kills // 2, record_batches
        report += f", {files} segment files, {record_batches[harness.command]} batches sealed ahead"
    return report


def check_sealing_ahead(harness):
    """That the server seals the batches of records of its workload before they are committed. It shows by its live table: that has
    room for them, but they do not pass through it."""
    lines = min(RECORDS_LINES)
    for command, live_rows in ((harness.command, 0), (harness.command_without_sealing_ahead(), lines)):
        workload, expectation = harness.driving.workload(SEED), harness.driving.expectation()
        target = harness.start(harness.new_folder(), command)
        try:
            target.wait_ready()
            target.send(workload.bulk(expectation, workload.clients.written[:lines], is_atomic=True, all_records=True))
            [(_, status, body)] = target.events()
            assert status == 200, f"{status} {body[:300]}"
            assert target.figures()["live_rows"] == live_rows, f"{target.figures()} of {command}"
        finally:
            target.kill()


class Faults:
    """Runs with tests/crash/write_faults.cpp preloaded."""

    def __init__(self, harness):
        assert harness.faults, "--faults is needed"
        self.harness = harness

    def environment(self, folder, action="", first=0, count=None, log=None, sign=None):
        environment = {"LD_PRELOAD": self.harness.faults, "FAULT_FOLDER": folder, "FAULT_ACTION": action, "FAULT_FIRST": str(first)}
        if count is not None:
            environment["FAULT_COUNT"] = str(count)
        if log:
            environment["FAULT_LOG"] = log
        if sign:
            environment["FAULT_SIGN"] = sign
            return {"environment": environment, "until": lambda answers: os.path.exists(sign)}
        return {"environment": environment}

    def calls(self, writes):
        """What a run without faults calls, in order: [(call, path)]."""
        folder, log, expectation = self.harness.new_set(), self.harness.new_folder(), self.harness.driving.expectation()
        # Merges of the snapshot's file belong to it.
        waits = self.harness.snapshot and writes
        until = lambda answers: not (waits and is_there(folder, SNAPSHOT_FILE))
        assert self.harness.run(folder, expectation, SEED, writes, until=until, **self.environment(folder, log=log))[1]
        assert not self.harness.is_http or expectation.record_batches >= writes // 10, expectation.record_batches
        return logged_calls(log)


def logged_calls(log):
    with open(log, encoding="utf-8") as lines:
        return [tuple(line.split()[1:]) for line in lines]


def distinct(calls):
    """The numbers, from 1, of calls that stand for all: of the same calls on the same file in a row the first two, one, and the
    last."""
    chosen, first = [], 0
    moment = random.Random(SEED)
    for _, row in itertools.groupby(calls):
        size = len(list(row))
        places = {0, 1, moment.randrange(size), size - 1}
        chosen += [first + place + 1 for place in sorted(places) if place < size]
        first += size
    return chosen


def check_answers(answers, may_be_final, what):
    """After a failure of a write, which is final, none is acknowledged any more. A segment file that could not be written is no such
    failure."""
    outcomes = [outcome for outcome, op in answers if op.startswith("w")]
    if "failed" in outcomes:
        assert may_be_final, f"{what}: failed for good"
        assert "ok" not in outcomes[outcomes.index("failed"):], f"{what}: acknowledged after a failure: {outcomes}"
    return outcomes


def test_faults(harness):
    """Kills, errors and a full disk at every write-side call of a workload of 40 writes, and of recoveries."""
    if harness.snapshot:
        # The other way, row by row: a write may be in several segments.
        harness.command = harness.command_without_sealing_ahead()
    elif harness.is_http:
        check_sealing_ahead(harness)
    faults = Faults(harness)
    calls = faults.calls(WRITES)
    kinds = collections.Counter(call for call, _ in calls)
    for call in ("pwrite", "fdatasync", "fsync", "rename", "unlink", "open"):
        assert kinds[call] > 0, kinds
    assert not harness.snapshot or any(call == "unlink" and path.endswith(SNAPSHOT_FILE) for call, path in calls), "it was not merged"
    runs = collections.Counter()
    size = harness.few(14)

    def each(numbers, action, count, after, writes=WRITES, passes=False):
        def run(number):
            folder, expectation = harness.new_set(), harness.driving.expectation()
            what = f"{action} at call {number} ({count or 'and all after'})"
            sign = harness.new_folder()
            options = faults.environment(folder, action, number, count, sign=sign)
            if passes:
                # The faults can begin as late as at the last write.
                options["until"] = lambda answers: os.path.exists(sign) and answers[-1][0] == "ok"
            try:
                told = after(what, *harness.run(folder, expectation, SEED, writes, **options))
            except AssertionError as error:
                raise AssertionError(f"{what}: {error}; kept in {keep(folder)}") from error
            if os.path.exists(folder):
                harness.check(folder, expectation, what)
            shutil.rmtree(folder, ignore_errors=True)
            return collections.Counter({action: 1, told: 1, "without the fault": not os.path.exists(sign)})

        runs.update(total(in_parallel(run, sample(numbers, size))))
        tell(f"{action} at {count or 'all from'} of {len(calls)} calls: {dict(runs)}")

    def died(what, ready, lived, answers):
        # That it was killed can come after the last answer.
        return "survived" if lived else "died"

    def lived(what, ready, alive, answers):
        assert alive or not ready, f"{what}: the program died"
        check_answers(answers, True, what)
        return "lived" if alive else "did not start"

    everywhere = distinct(calls) if harness.snapshot else range(1, len(calls) + 1)
    each(everywhere, "kill", 1, died)
    each(everywhere, "torn", 1, died)
    each(everywhere, "EIO", 1, lived)
    each(everywhere, "EIO", None, lived)
    each(everywhere, "ENOSPC", 1, lived)
    each(everywhere, "ENOSPC", None, lived)
    assert runs["survived"] <= runs["died"] // 20 and runs["without the fault"] <= runs["died"] // 20, runs

    # A disk that is full for a while: syncs do not fail so, and whatever else does passes.
    def passed(what, ready, alive, answers):
        assert alive, f"{what}: the program died"
        outcomes = check_answers(answers, False, what)
        assert outcomes[-1] == "ok", f"{what}: did not recover: {outcomes}"
        return "full for a while" if "full" in outcomes else "unnoticed"

    first = len(faults.calls(0))
    each([number for number in everywhere if first < number < len(calls) - 30], "NOROOM", 12, passed, 4 * WRITES, passes=True)
    assert runs["full for a while"] > 0, runs

    runs.update(recoveries(faults))
    return f"{len(calls)} calls {dict(kinds)}; runs: {dict(runs)}"


def tell(line):
    """How far a run of hours is."""
    if FULL:
        print(line, file=sys.stderr, flush=True)


def recoveries(faults):
    """Faults at the calls of starting on what a kill has left."""
    harness, runs = faults.harness, collections.Counter()
    last = len(faults.calls(WRITES))
    for killed_at in sample(range(last // 8, last, max(1, last // (5 if harness.snapshot else 16))), harness.few(3)):
        left, before, sign = harness.new_set(), harness.driving.expectation(), harness.new_folder()
        _, lived, _ = harness.run(left, before, SEED, **faults.environment(left, "kill", killed_at, 1, sign=sign))
        assert not lived, f"not killed at call {killed_at}"

        def restart(what, action="", number=0, count=None, log=None):
            folder, expectation = harness.new_folder(), before.copy()
            shutil.copytree(left, folder)
            target = harness.start(folder, **faults.environment(folder, action, number, count, log))
            try:
                target.wait_ready()
                # Without asking for replies again: a server that cannot write takes no requests to write, also known ones.
                expectation.check_restarted(*target.dump(expectation.ops))
                target.quit()
            except Died:
                target.kill()
            except AssertionError as error:
                target.kill()
                raise AssertionError(f"{what}: {error}; kept in {keep(folder)}") from error
            harness.check(folder, expectation, what)
            shutil.rmtree(folder)

        def run(job):
            number, action, count = job
            restart(f"{action} at call {number} of recovering from a kill at {killed_at}", action, number, count)
            return collections.Counter(recovery=1)

        log = harness.new_folder()
        restart("no fault", log=log)
        calls = logged_calls(log)
        kinds = (("kill", 1), ("torn", 1), ("EIO", 1), ("EIO", None), ("ENOSPC", 1), ("ENOSPC", None))
        # A server has hundreds of them, most of which write one file page by page.
        numbers = distinct(calls) if harness.is_http else range(1, len(calls) + 1)
        jobs = [(number, *kind) for number in sample(numbers, harness.few(5) + 1) for kind in kinds]
        runs.update(total(in_parallel(run, jobs)))
        shutil.rmtree(left)
        tell(f"recovering from a kill at call {killed_at}: {len(numbers)} of {len(calls)} calls, {dict(runs)}")
    return runs


def test_log_cut(harness):
    """The log cut, zeroed and spoilt at every byte of its last KiB, at each transaction's end, and at places all over it: what it
    still holds is there."""
    folder, expectation = harness.new_set(), harness.driving.expectation()
    # Files that are merged into others stay, since a log that is cut before that names them.
    options = Faults(harness).environment(folder, "keep", 1) if harness.is_http else {}
    target = harness.driving.target(harness.command_without_checkpoints(), folder, **options)
    log_path = os.path.join(folder, "live.db-wal")
    before, after = [], []  # Each write: what was expected when it was sent; the log's bytes and what was expected when it was answered.
    send = target.send

    def note_and_send(request):
        before.append(expectation.copy())
        send(request)

    try:
        target.wait_ready()
        after.append((valid_log_bytes(log_path), expectation.copy()))
        target.send = note_and_send
        workload = harness.driving.workload(SEED)
        for _ in range(WRITES):
            harness.driving.drive_in_turn(target, expectation, workload, 1)
            after.append((valid_log_bytes(log_path), expectation.copy()))
        time.sleep(0.3 if harness.is_http else 0)  # For merges that are due.
    finally:
        target.kill()
    with open(log_path, "rb") as file:
        log = file.read()
    commits = commits_of(log)
    end = commits[-1]
    assert len({size for size, _ in after}) == WRITES + 1 and len(before) == WRITES, "every write lengthens the log"
    log = log[:end + (64 << 10)]  # Of the zeros behind it not all.

    last_kib = sample(range(end - 1024, end + 1, 5 if harness.snapshot else 1), harness.few(25))
    anywhere = random.Random(SEED).sample(range(end), 400 if FULL else harness.few(15)) + sample(commits, harness.few(15))
    damages = {
        "cut": lambda at: log[:at],
        "zeroed": lambda at: log[:at] + bytes(len(log) - at),
        "spoilt": lambda at: log[:at] + bytes([log[at] ^ 0x55]) + log[at + 1:] if at < len(log) else log,
    }

    def expected(at):
        """What ends before the damage is whole."""
        whole = max((place for place, (size, _) in enumerate(after) if size <= at), default=0)
        # The next write may be there in part, if it can be, when more was committed than what was told when it was answered.
        is_open = whole < WRITES and any(after[whole][0] < commit <= at for commit in commits)
        return (before[whole] if is_open else after[whole][1]).copy()

    def run(job):
        name, at = job
        runs = collections.Counter({name: 1})
        copy = harness.new_folder()
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("live.db-wal", "live.db-shm"))
        with open(os.path.join(copy, "live.db-wal"), "wb") as file:
            file.write(damages[name](at))
        # That more than a torn write is gone shows by the transactions behind.
        behind = sum(commit > at for commit in commits) - 1 if name == "spoilt" and at >= 32 else 0
        what = f"log {name} at {at} of {end}"
        # With one behind it depends on where in the frame the damage is.
        if behind >= 2 or (behind == 1 and is_refused(harness, copy)):
            assert is_refused(harness, copy), f"{what}: opened; kept in {keep(copy)}"
            runs["refused"] += 1
        else:
            harness.check(copy, expected(at), what)
        shutil.rmtree(copy)
        return runs

    runs = total(in_parallel(run, [(name, at) for name in damages for at in last_kib + anywhere]))
    report = f"{end} bytes of log, {len(commits)} transactions, {dict(runs)}"
    if harness.is_http:
        files = [name for name in os.listdir(folder) if name.startswith("segment-")]
        assert len(files) > 4, f"hardly anything was merged: {files}"
        report += f", {len(files)} segment files"
    return report


def is_there(folder, name):
    return os.path.exists(os.path.join(folder, name))


def is_refused(harness, folder):
    """Whether the program says that its log is damaged, and leaves everything as it is."""
    target = harness.start(folder)
    try:
        target.wait_ready()
        return False
    except Died as died:
        return "live.db-wal: frame" in str(died)
    finally:
        target.kill()


def commits_of(log):
    """Where the transactions end in an SQLite write-ahead log (https://www.sqlite.org/fileformat2.html#walformat)."""
    if len(log) < 32 or log[:4] == bytes(4):
        return []
    page_bytes, salts = struct.unpack(">I", log[8:12])[0], log[16:24]
    commits, at = [], 32
    while at + 24 + page_bytes <= len(log) and log[at + 8:at + 16] == salts:
        at += 24 + page_bytes
        if struct.unpack_from(">I", log, at - page_bytes - 20)[0] != 0:
            commits.append(at)
    return commits


def valid_log_bytes(path):
    with open(path, "rb") as file:
        return max([0, *commits_of(file.read())])


def test_strace(harness):
    """The same with strace, which sees every call that the system does; its counters are per thread, so it does not reach each."""
    if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode != 0:
        print("strace is not installed, or may not trace")
        sys.exit(SKIPPED)
    trace = harness.new_folder()
    folder = harness.new_set()
    prefix = ["strace", "-f", "-y", "-qq", "-s", "16", "-e", "signal=none", "-e", "trace=write,sendto," + ",".join(WRITE_CALLS), "-o", trace]
    faults = Faults(harness)
    log = harness.new_folder()
    options = faults.environment(folder, log=log)
    # The library must not be preloaded into strace itself.
    environment = options.pop("environment")
    prefix += [word for name, value in environment.items() for word in ("-E", f"{name}={value}")]
    assert harness.run(folder, harness.driving.expectation(), SEED, prefix=prefix, drive=harness.driving.drive_in_turn)[1]
    with open(trace, encoding="utf-8", errors="replace") as lines:
        calls = completed_calls(lines, folder)
    acknowledged = check_replies_synced(calls) if harness.is_http else check_synced(calls)
    check_complete(calls, log, folder)

    # By the most that one thread does of each.
    per_thread = collections.Counter((thread, call) for thread, call, path, _ in calls if path)
    jobs = []
    for call in WRITE_CALLS:
        most = max((count for (_, name), count in per_thread.items() if name == call), default=0)
        for number in sample(range(1, most + 1), 4):
            actions = ["signal=KILL:when={}", "error=EIO:when={}", "error=EIO:when={}+", "error=ENOSPC:when={}", "error=ENOSPC:when={}+"]
            for action in actions if FULL else actions[:2] + actions[number % 3 + 2:number % 3 + 3]:
                # Opening comes first of all for the loader of programs; an error there is not the store's.
                if call != "openat" or action.startswith("signal"):
                    jobs.append((call, action.format(number)))

    def run(job):
        call, action = job
        folder, expectation = harness.new_set(), harness.driving.expectation()
        inject = f"inject={call}:{action}"
        prefix = ["strace", "-f", "-qq", "-e", "signal=none", "-e", f"trace={call}", "-e", inject, "-o", "/dev/null"]
        _, _, answers = harness.run(folder, expectation, SEED, prefix=prefix)
        check_answers(answers, True, inject)
        if os.path.exists(folder):
            harness.check(folder, expectation, inject)
            shutil.rmtree(folder)
        return collections.Counter({call: 1})

    runs = total(in_parallel(run, jobs))
    return f"{acknowledged} acknowledgements came after a sync; runs: {dict(runs)}"


def completed_calls(lines, folder):
    """[(thread, call, path in the folder or '', line)] of a strace of the target, in the order in which calls ended; replies of
    a server, which are read before the call has ended, in the order in which they began."""
    started, calls = {}, []
    for line in lines:
        thread, rest = line.rstrip("\n").split(None, 1)
        if rest.endswith("<unfinished ...>") and not rest.startswith("sendto("):
            started[thread] = rest[:-len("<unfinished ...>")]
            continue
        if rest.startswith("<... sendto resumed>"):
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", rest):
            rest = started.pop(thread) + resumed[1]
        call = rest.split("(", 1)[0]
        if call == "openat" and "O_CREAT" not in rest:
            continue
        path = re.search(re.escape(folder) + r'[^">]*', rest)
        calls.append((thread, call, path[0] if path else "", rest))
    return calls


def check_synced(calls):
    """Nothing that a thread wrote to the log is unsynced when it acknowledges."""
    unsynced, acknowledged = collections.Counter(), 0
    for thread, call, path, line in calls:
        if call == "pwrite64" and path.endswith("-wal"):
            unsynced[thread] += 1
        elif call in ("fdatasync", "fsync") and path.endswith("-wal") and line.endswith("= 0"):
            unsynced[thread] = 0
        elif call == "write" and '"ok w' in line:
            assert unsynced[thread] == 0, f"acknowledged before a sync: {line}"
            acknowledged += 1
    assert acknowledged == WRITES, acknowledged
    return acknowledged


def check_replies_synced(calls):
    """Before each reply to a write there is a sync of the log that comes after all that its thread wrote to the log. For requests
    one after another: the thread that commits is not the one that replies."""
    syncs = collections.Counter(thread for thread, call, path, _ in calls if call == "fdatasync" and path.endswith("-wal"))
    assert syncs, "the log was never synced"
    committing = syncs.most_common(1)[0][0]
    unsynced, synced, acknowledged = 0, 0, 0
    for thread, call, path, line in calls:
        if thread == committing and call == "pwrite64" and path.endswith("-wal"):
            unsynced += 1
        elif thread == committing and call == "fdatasync" and path.endswith("-wal") and line.endswith("= 0"):
            unsynced, synced = 0, synced + 1
        elif call == "sendto" and '"HTTP/1.1 20' in line and acknowledged < WRITES:  # Then everything is read.
            assert unsynced == 0 and synced > 0, f"acknowledged before a sync: {line}"
            synced, acknowledged = 0, acknowledged + 1
    assert acknowledged == WRITES, acknowledged
    return acknowledged


def check_complete(calls, log, folder):
    """The library of faults sees the calls that the system does."""
    system = collections.Counter(call.removesuffix("64").removesuffix("at") for _, call, path, _ in calls
                                 if path and call not in ("write", "sendto"))
    with open(log, encoding="utf-8") as lines:
        library = collections.Counter(line.split()[1] for line in lines)
    library.pop("mkdir", None)
    # The run ends with a kill. Of what the threads in the background were at, the library has counted what was not done.
    assert not system - library and (library - system).total() <= 3, f"strace: {system}, library: {library}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--http", action="store_true", help="the target is the server")
    parser.add_argument("--snapshot", type=int, metavar="CLIENTS", help="sets begin as a snapshot of so many generated clients")
    parser.add_argument("--faults")
    parser.add_argument("test", choices=["kill", "log-cut", "faults", "strace"])
    arguments = parser.parse_args()
    began = time.monotonic()
    # A kill can hit a sync only on a disk.
    work = tempfile.mkdtemp(prefix="clientele-crash-", dir=None if arguments.test == "kill" else FAST_FOLDER)
    try:
        report = globals()["test_" + arguments.test.replace("-", "_")](Harness(arguments, work))
    except AssertionError as error:
        print(f"FAILED (seed {SEED}): {error}")
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{arguments.test}: {report}; {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
