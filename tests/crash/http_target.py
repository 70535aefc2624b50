"""`clientele serve FOLDER --live` under test, driven over HTTP. Its methods are those that LineTarget has for the tests."""

import collections
import json
import os
import queue
import re
import select
import shlex
import signal
import socket
import subprocess
import threading

from line_target import Died, TIMEOUT_S
from server_clients import STATUSES
from server_workload import CONNECTIONS


class Connection:
    """One kept-alive connection, with at most one request on it, or many in a row that are all read after one another."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.read, self.request, self.rest = bytearray(), None, b""

    def receive(self):
        """Reads once; False: the other side is gone."""
        try:
            bytes_ = self.socket.recv(1 << 18)
        except ConnectionError:
            return False
        self.read += bytes_
        return bytes_ != b""

    def send(self, bytes_):
        try:
            self.socket.sendall(bytes_)
        except ConnectionError:
            pass  # Shows as the end of its answers.

    def take_reply(self):
        """(status, header, body) of the first reply that was read in whole, or None."""
        header_end = self.read.find(b"\r\n\r\n")
        if header_end < 0:
            return None
        header = self.read[:header_end].decode()
        status, at = int(header.split(" ", 2)[1]), header_end + 4
        body = b""
        if "\r\nTransfer-Encoding: chunked" in header:
            while True:
                line_end = self.read.find(b"\r\n", at)
                if line_end < 0:
                    return None
                size = int(self.read[at:line_end], 16)
                if len(self.read) < line_end + 2 + size + 2:
                    return None
                body += self.read[line_end + 2:line_end + 2 + size]
                at = line_end + 2 + size + 2
                if size == 0:
                    break
        else:
            length = re.search(r"\r\nContent-Length: *(\d+)", header)
            size = int(length[1]) if length else 0
            assert length or status == 204, f"a reply without a length: {header}"
            if len(self.read) < at + size:
                return None
            body, at = self.read[at:at + size], at + size
        del self.read[:at]
        return status, header, body.decode()


class HttpTarget:
    """One run of the server on one folder."""

    def __init__(self, clients, command, folder, prefix=(), environment=None):
        self.clients, self.folder = clients, folder
        arguments = list(prefix) + [word.format(folder=folder) for word in shlex.split(command)]
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
                                        env={**os.environ, **(environment or {})})
        self.lines, self.log = queue.Queue(), []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.connections, self.port = [], None

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line.decode(errors="replace").rstrip("\n"))
            self.lines.put(self.log[-1])
        self.lines.put(None)

    def wait_ready(self):
        """Raises Died, with what it said, when the program gives up."""
        while True:
            try:
                line = self.lines.get(timeout=TIMEOUT_S)
            except queue.Empty:
                raise AssertionError(f"not ready within {TIMEOUT_S} s: {self.log}") from None
            if line is None:
                self._died()
            if listening := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
                self.port = int(listening[1])
            if line.startswith("clientele: ready: "):
                return

    def _died(self):
        status = self.process.wait(TIMEOUT_S)
        raise Died() if status == -signal.SIGKILL else Died(f"exit status {status}: {self.log}")

    def _connect(self):
        try:
            return Connection(self.port)
        except ConnectionError:
            self._died()

    def _gone(self):
        """A connection broke off."""
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"a connection was cut by a server that lives: {self.log[-3:]}") from None
        self._died()

    def unanswered(self):
        return sum(connection.request is not None for connection in self.connections)

    def send(self, request):
        connection = next((one for one in self.connections if one.request is None), None)
        if connection is None:
            assert len(self.connections) < CONNECTIONS
            connection = self._connect()
            self.connections.append(connection)
        connection.request = request
        first = request.bytes[:request.cut] if request.cut else request.bytes
        connection.rest = request.bytes[len(first):]
        connection.send(first)

    def events(self):
        """Waits for answers: [(request, status, body)]. Raises Died."""
        events = []
        while not events:
            paused = [connection for connection in self.connections if connection.rest]
            waiting = [connection.socket for connection in self.connections if connection.request]
            readable = select.select(waiting, [], [], 0.003 if paused else TIMEOUT_S)[0]
            assert readable or paused, f"no answer within {TIMEOUT_S} s"
            is_gone = False
            for connection in list(self.connections):
                if connection.socket in readable:
                    is_gone |= not connection.receive()
                events += self._answered(connection)
            if is_gone and not events:
                self._gone()
            for connection in paused:
                if connection.request:
                    connection.send(connection.rest)
                    connection.rest = b""
        return events

    def _answered(self, connection):
        reply = connection.take_reply() if connection.request else None
        if reply is None:
            return []
        request, connection.request = connection.request, None
        if connection.rest or "\r\nConnection: close" in reply[1]:
            # Answered before it had everything: the connection is of no more use.
            connection.socket.close()
            self.connections.remove(connection)
        return [(request, reply[0], reply[2])]

    def remaining_events(self):
        """What it still said before it died."""
        events = []
        for connection in list(self.connections):
            while connection.request and connection.receive():
                pass
            events += self._answered(connection)
        return events

    def ask(self, requests):
        """Replies to requests that are sent in a row on a connection of their own."""
        connection = self._connect()
        replies = []
        sending = threading.Thread(target=connection.send, args=(b"".join(requests),))
        sending.start()
        try:
            while len(replies) < len(requests):
                if reply := connection.take_reply():
                    replies.append(reply)
                elif not connection.receive():
                    self._gone()
        finally:
            sending.join(TIMEOUT_S)
            connection.socket.close()
        return replies

    def get(self, paths):
        return self.ask([f"GET {path} HTTP/1.1\r\nHost: crash\r\n\r\n".encode() for path in paths])

    def figures(self):
        """{name: value} of /metrics."""
        [(_, _, body)] = self.get(["/metrics"])
        return {name: float(value) for name, value in re.findall(r"^clientele_(\w+) (\S+)$", body, re.MULTILINE)}

    def dump(self, ops):
        """All records as the list has them, and the written ones by id, and counted, which must all agree. Nothing may be unanswered."""
        filters = ["", "&deleted=true"] + [f"&status={status}" for status in STATUSES]
        written = self.clients.written
        replies = self.get(["/clients"] + [f"/clients?limit=0{filter_}" for filter_ in filters] + [f"/clients/{key}" for key in written])
        for status, _, body in replies[:1 + len(filters)]:
            assert status == 200, f"list: {status} {body[:300]}"
        listed = self.clients.read_list(replies[0][2])
        texts = {record["id"]: text for record, _, text in listed}
        assert len(texts) == len(listed), f"ids more than once in the list: {sorted(record['id'] for record, _, _ in listed)}"
        assert texts.keys() <= self.clients.ids, f"ids of nobody: {texts.keys() - self.clients.ids}"
        counts = [json.loads(body)["count"] for _, _, body in replies[1:1 + len(filters)]]
        statuses = collections.Counter(record["status"] for record, _, _ in listed)
        listed_counts = [len(listed), sum(record["deleted"] for record, _, _ in listed)] + [statuses[one] for one in STATUSES]
        assert counts == listed_counts, f"counts {counts}, but listed are {listed_counts}"
        for key, (status, _, body) in zip(written, replies[1 + len(filters):]):
            assert status in (200, 404), f"/clients/{key}: {status} {body[:300]}"
            by_id = body if status == 200 else None
            assert by_id == texts.get(key), f"/clients/{key}: {body[:300]}, but listed is {texts.get(key)}"
        return {record["id"]: value for record, value, _ in listed}, None

    def check_replies(self, expectation):
        """Requests that were written and are sent again write nothing, and get the replies that they had."""
        requests = expectation.remembered_posts()
        for request, (status, header, body) in zip(requests, self.ask([request.bytes for request in requests]) if requests else []):
            assert status == 201 and "\r\nIdempotency-Replayed: true" in header, f"{request.key} sent again: {status} {header} {body[:200]}"
            [(_, changes)] = request.writes
            _, value, end = self.clients.read(body)
            assert value in changes.values() and end == len(body), f"{request.key} sent again: {body[:300]}"

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._end()

    def quit(self):
        """As an administrator would end it."""
        self.process.send_signal(signal.SIGTERM)
        self._end()
        return self.process.returncode

    def _end(self):
        for connection in self.connections:
            connection.socket.close()
        self.connections = []
        self.process.wait(TIMEOUT_S)
        self.reader.join(TIMEOUT_S)
        self.process.stderr.close()
