"""Crash tests: what was acknowledged survives a kill, a failing disk and a full one. See README.md.

crash_test.py --target 'PROGRAM {folder}' [--http] [--faults LIBRARY] kill | log-cut | faults | strace
"""

import argparse
import collections
import functools
import os
import random
import re
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
from server_workload import ServerExpectation, ServerWorkload, drive_server
from workload import Workload, drive

FULL = os.environ.get("CLIENTELE_CRASH_FULL") == "1"
KILLS = int(os.environ.get("CLIENTELE_CRASH_KILLS", "100"))
SEED = int(os.environ.get("CLIENTELE_CRASH_SEED", "1"))
WRITES = 40
# Where the moment does not depend on the disk, memory will do.
FAST_FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
SKIPPED = 77
LOG_BYTES = 16 << 20  # More than all writes together need.

WRITE_CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "fallocate", "rename", "unlink", "openat")


# How a program is driven.
Driving = collections.namedtuple("Driving", "target expectation workload drive drive_in_turn")
BY_LINES = Driving(LineTarget, Expectation, Workload, drive, drive)
BY_HTTP = Driving(HttpTarget, ServerExpectation, ServerWorkload, drive_server, functools.partial(drive_server, connections=1))


class Harness:
    def __init__(self, arguments, work):
        self.command, self.faults, self.work = arguments.target, arguments.faults, work
        self.is_http = arguments.http
        self.driving = BY_HTTP if arguments.http else BY_LINES
        self.folders = 0

    def new_folder(self):
        self.folders += 1
        return os.path.join(self.work, str(self.folders))

    def start(self, folder, **options):
        return self.driving.target(self.command, folder, **options)

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

    def run(self, folder, expectation, seed, writes=WRITES, drive=None, **options):
        """A run with a fault in it: (whether it became ready, whether it lived to the end, answers)."""
        target = self.start(folder, **options)
        ready, answers = False, []
        try:
            target.wait_ready()
            ready = True
            answers = (drive or self.driving.drive)(target, expectation, self.driving.workload(seed), writes)
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
    numbers = list(numbers)
    return numbers if FULL or len(numbers) <= size else sorted(random.Random(SEED).sample(numbers, size))


def test_kill(harness):
    """kill -9 at random moments, starting included; each time all of what the runs before have left."""
    folder, expectation, moment = harness.new_folder(), harness.driving.expectation(), random.Random(SEED)
    killed_at = collections.Counter()
    for cycle in range(KILLS):
        target = harness.start(folder)
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
    harness.check(folder, expectation, "at last")
    assert killed_at["load"] > KILLS // 4, killed_at
    report = f"{KILLS} kills ({dict(killed_at)}), {len(expectation.ops)} writes, {len(expectation.acknowledged)} kept"
    if harness.is_http:
        # That it was killed at sealing and merging as well.
        files = max(int(name.split("-")[1].split(".")[0]) for name in os.listdir(folder) if name.startswith("segment-"))
        assert files > KILLS // 2, f"only {files} segment files were written"
        report += f", {files} segment files"
    return report


class Faults:
    """Runs with tests/crash/write_faults.cpp preloaded."""

    def __init__(self, harness):
        assert harness.faults, "--faults is needed"
        self.harness = harness

    def environment(self, folder, action="", first=0, count=None, log=None):
        environment = {"LD_PRELOAD": self.harness.faults, "FAULT_FOLDER": folder, "FAULT_ACTION": action, "FAULT_FIRST": str(first)}
        if count is not None:
            environment["FAULT_COUNT"] = str(count)
        if log:
            environment["FAULT_LOG"] = log
        return {"environment": environment}

    def calls(self, folder, expectation, writes):
        """What a run without faults calls, in order: [(call, path)]."""
        log = self.harness.new_folder()
        assert self.harness.run(folder, expectation, SEED, writes, **self.environment(folder, log=log))[1]
        with open(log, encoding="utf-8") as lines:
            return [tuple(line.split()[1:]) for line in lines]


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
    faults = Faults(harness)
    calls = faults.calls(harness.new_folder(), harness.driving.expectation(), WRITES)
    kinds = collections.Counter(call for call, _ in calls)
    for call in ("pwrite", "fdatasync", "fsync", "rename", "unlink", "open"):
        assert kinds[call] > 0, kinds
    runs = collections.Counter()
    size = 14

    def each(numbers, action, count, after):
        for number in sample(numbers, size):
            folder, expectation = harness.new_folder(), harness.driving.expectation()
            what = f"{action} at call {number} ({count or 'and all after'})"
            try:
                after(what, *harness.run(folder, expectation, SEED, **faults.environment(folder, action, number, count)))
            except AssertionError as error:
                raise AssertionError(f"{what}: {error}; kept in {keep(folder)}") from error
            harness.check(folder, expectation, what) if os.path.exists(folder) else None
            shutil.rmtree(folder, ignore_errors=True)
            runs[action] += 1
        tell(f"{action} at {count or 'all from'} of {len(calls)} calls: {dict(runs)}")

    def died(what, ready, lived, answers):
        # The order of calls differs a little between runs, so the last ones may not come.
        runs["survived"] += lived

    def lived(what, ready, alive, answers):
        assert alive or not ready, f"{what}: the program died"
        check_answers(answers, True, what)

    everywhere = range(1, len(calls) + 1)
    each(everywhere, "kill", 1, died)
    each(everywhere, "torn", 1, died)
    each(everywhere, "EIO", 1, lived)
    each(everywhere, "EIO", None, lived)
    each(everywhere, "ENOSPC", 1, lived)
    each(everywhere, "ENOSPC", None, lived)
    assert runs["survived"] <= (runs["kill"] + runs["torn"]) // 2, runs

    # A disk that is full for a while: syncs do not fail so, and whatever else does passes.
    passed = 0
    for number in sample(range(startup_calls(faults) + 1, len(calls) - 30), size):
        folder, expectation = harness.new_folder(), harness.driving.expectation()
        what = f"no room for 12 calls from {number} on"
        _, alive, answers = harness.run(folder, expectation, SEED, 4 * WRITES, **faults.environment(folder, "NOROOM", number, 12))
        assert alive, f"{what}: the program died"
        outcomes = check_answers(answers, False, what)
        assert outcomes[-1] == "ok", f"{what}: did not recover: {outcomes}"
        passed += "full" in outcomes
        harness.check(folder, expectation, what)
        shutil.rmtree(folder)
        runs["no room"] += 1
    assert passed > 0

    runs.update(recoveries(faults))
    return f"{len(calls)} calls {dict(kinds)}; runs: {dict(runs)}"


def tell(line):
    """How far a run of hours is."""
    if FULL:
        print(line, file=sys.stderr, flush=True)


def startup_calls(faults):
    return len(faults.calls(faults.harness.new_folder(), faults.harness.driving.expectation(), 0))


def recoveries(faults):
    """Faults at every call of starting on what a kill has left."""
    harness, runs = faults.harness, collections.Counter()
    last = len(faults.calls(harness.new_folder(), harness.driving.expectation(), WRITES))
    for killed_at in sample(range(last // 8, last, max(1, last // 16)), 3):
        left, before = harness.new_folder(), harness.driving.expectation()
        harness.run(left, before, SEED, **faults.environment(left, "kill", killed_at, 1))

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

        log = harness.new_folder()
        restart("no fault", log=log)
        with open(log, encoding="utf-8") as lines:
            calls = len(lines.readlines())
        for number in sample(range(1, calls + 1), 6):
            for action, count in (("kill", 1), ("torn", 1), ("EIO", 1), ("EIO", None), ("ENOSPC", 1), ("ENOSPC", None)):
                restart(f"{action} at call {number} of recovering from a kill at {killed_at}", action, number, count)
                runs["recovery"] += 1
        tell(f"recovering from a kill at call {killed_at}: {calls} calls, {dict(runs)}")
    return runs


def test_log_cut(harness):
    """The log cut, zeroed and spoilt at every byte of its last KiB, and at places all over it: what it still holds is there."""
    folder, expectation = harness.new_folder(), Expectation()
    target = LineTarget(harness.command + f" {LOG_BYTES}", folder)  # No checkpoint: everything stays in the log.
    target.wait_ready()
    log_path = os.path.join(folder, "live.db-wal")
    states = [(valid_log_bytes(log_path), expectation.copy())]
    workload = Workload(SEED)
    for _ in range(WRITES):
        made = workload.next(expectation)
        expectation.submit(*made)
        target.write(*made)
        expectation.answer(*target.event())
        states.append((valid_log_bytes(log_path), expectation.copy()))
    target.kill()
    end = states[-1][0]
    assert len({size for size, _ in states}) == WRITES + 1, "every write lengthens the log"
    with open(log_path, "rb") as file:
        log = file.read()

    last_kib = sample(range(end - 1024, end + 1), 25)
    anywhere = random.Random(SEED).sample(range(end), 400 if FULL else 15)
    damages = {
        "cut": lambda at: log[:at],
        "zeroed": lambda at: log[:at] + bytes(len(log) - at),
        "spoilt": lambda at: log[:at] + bytes([log[at] ^ 0x55]) + log[at + 1:] if at < len(log) else log,
    }
    runs = collections.Counter()
    for name, damage in damages.items():
        for at in last_kib + anywhere:
            copy = harness.new_folder()
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("live.db-wal", "live.db-shm"))
            with open(os.path.join(copy, "live.db-wal"), "wb") as file:
                file.write(damage(at))
            # What ends before the damage is whole. That more than a torn write is gone shows by the transactions behind.
            sizes = [size for size, _ in states]
            whole = max((place for place, size in enumerate(sizes) if size <= at), default=0)
            behind = len(states) - 2 - whole if name == "spoilt" and at >= 32 else 0
            what = f"log {name} at {at} of {end}"
            # With one behind it depends on where in the frame the damage is.
            if behind >= 2 or (behind == 1 and is_refused(harness, copy)):
                assert is_refused(harness, copy), f"{what}: opened; kept in {keep(copy)}"
                runs["refused"] += 1
            else:
                harness.check(copy, states[whole][1].copy(), what)
            shutil.rmtree(copy)
            runs[name] += 1
    return f"{end} bytes of log, {dict(runs)}"


def is_refused(harness, folder):
    """Whether the program says that its log is damaged, and leaves everything as it is."""
    target = harness.start(folder)
    try:
        target.wait_ready()
        return False
    except Died as died:
        return "DATA_LOSS" in str(died) and "live.db-wal: frame" in str(died)
    finally:
        target.kill()


def valid_log_bytes(path):
    """Where the last commit ends in an SQLite write-ahead log (https://www.sqlite.org/fileformat2.html#walformat)."""
    with open(path, "rb") as file:
        log = file.read()
    if len(log) < 32 or log[:4] == bytes(4):
        return 0
    page_bytes, salts = struct.unpack(">I", log[8:12])[0], log[16:24]
    end, at = 32, 32
    while at + 24 + page_bytes <= len(log) and log[at + 8:at + 16] == salts:
        at += 24 + page_bytes
        if struct.unpack_from(">I", log, at - page_bytes - 20)[0] != 0:
            end = at
    return end


def test_strace(harness):
    """The same with strace, which sees every call that the system does; its counters are per thread, so it does not reach each."""
    if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode != 0:
        print("strace is not installed, or may not trace")
        sys.exit(SKIPPED)
    runs = collections.Counter()
    trace = harness.new_folder()
    folder = harness.new_folder()
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
    for call in WRITE_CALLS:
        most = max((count for (_, name), count in per_thread.items() if name == call), default=0)
        for number in sample(range(1, most + 1), 4):
            actions = ["signal=KILL:when={}", "error=EIO:when={}", "error=EIO:when={}+", "error=ENOSPC:when={}", "error=ENOSPC:when={}+"]
            for action in actions if FULL else actions[:2] + actions[number % 3 + 2:number % 3 + 3]:
                # Opening comes first of all for the loader of programs; an error there is not the store's.
                if call == "openat" and not action.startswith("signal"):
                    continue
                folder, expectation = harness.new_folder(), harness.driving.expectation()
                inject = f"inject={call}:{action.format(number)}"
                prefix = ["strace", "-f", "-qq", "-e", "signal=none", "-e", f"trace={call}", "-e", inject, "-o", "/dev/null"]
                _, _, answers = harness.run(folder, expectation, SEED, prefix=prefix)
                check_answers(answers, True, inject)
                if os.path.exists(folder):
                    harness.check(folder, expectation, inject)
                    shutil.rmtree(folder)
                runs[call] += 1
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
