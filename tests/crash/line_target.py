"""A program under test that is driven by lines, as tests/crash/crash_writer.cpp describes them.

Whatever else is to be put through the crash tests needs a class with the same methods: a server, say, whose `send` makes a
request and whose `event` gives what became of it.
"""

import os
import queue
import shlex
import signal
import subprocess
import threading

TIMEOUT_S = 300  # For anything that the target is waited for: longer than any pause of the machine, which is minutes when it is stopped.


class Died(Exception):
    """The target is gone, or did not become ready."""


class LineTarget:
    """One run of the program on one folder."""

    def __init__(self, command, folder, prefix=(), environment=None):
        """`command`: as typed, with {folder}; `prefix`: a program that starts it, such as strace."""
        self.folder = folder
        arguments = list(prefix) + [word.format(folder=folder) for word in shlex.split(command)]
        # A group of its own, so that a kill reaches the program behind a prefix as well.
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True,
                                        env={**os.environ, **(environment or {})})
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            # A kill may cut a line off.
            if line.endswith(b"\n"):
                self.lines.put(line.decode().rstrip("\n").split(" "))
        self.lines.put(None)

    def _line(self):
        try:
            line = self.lines.get(timeout=TIMEOUT_S)
        except queue.Empty:
            self.kill()
            raise AssertionError(f"no answer within {TIMEOUT_S} s") from None
        if line is None:
            self.lines.put(None)
            raise Died()
        assert line[0] != "broken", " ".join(line)
        return line

    def wait_ready(self):
        """Raises Died, with its message, when the program gives up."""
        line = self._line()
        if line[0] != "ready":
            raise Died(" ".join(line))

    def send(self, line):
        try:
            self.process.stdin.write((line + "\n").encode())
        except BrokenPipeError:
            pass  # Shows as the end of its answers.

    def write(self, op, changes):
        """`changes`: {key: value, or None to remove}; all of them or none."""
        self.send(f"write {op} " + " ".join(f"{key} {'-' if value is None else value}" for key, value in changes.items()))

    def replace(self, op):
        """Moves what only the log holds to a segment file."""
        self.send(f"replace {op}")

    def event(self):
        """Waits for an answer: (ok | full | failed, op). Raises Died."""
        line = self._line()
        return line[0], line[1]

    def dump(self, ops):
        """All records, and those of `ops` that are remembered. Nothing may be unanswered."""
        self.send(" ".join(["dump", *ops]))
        records, replies = {}, set()
        while (line := self._line())[0] != "end":
            if line[0] == "record":
                assert line[1] not in records, f"{line[1]} twice"
                records[line[1]] = line[2]
            else:
                replies.add(line[1])
        return records, replies

    def check_replies(self, expectation):
        """They are a part of what dump gives."""

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self._end()

    def quit(self):
        """As an administrator would end it."""
        self.send("quit")
        self._end()
        return self.process.returncode

    def _end(self):
        self.process.wait(TIMEOUT_S)
        self.reader.join(TIMEOUT_S)
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()

    def remaining_events(self):
        """What it still said before it died."""
        while (line := self.lines.get(timeout=TIMEOUT_S)) is not None:
            assert line[0] != "broken", " ".join(line)
            if line[0] in ("ok", "full", "failed"):
                yield line[0], line[1]
