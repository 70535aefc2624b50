"""The clients of a server under test: who there may be, and what their records say."""

import json
import re
import zlib

NEW_IDS = range(1, 241)
WRITTEN_ORIGINALS = 300
STATUSES = ("new", "trial", "trialend", "active", "integration", "paused", "preparation", "ready")
ACTIVE, DELETED = "active ", "deleted "
ORIGINAL = "original-"  # Of a client of the snapshot, of which only some members were ever patched.


def members_of(note):
    """What a note stands for: members of several kinds, so that half of a write would show, and for filters to find."""
    code = zlib.crc32(note.encode())
    status = STATUSES[code % len(STATUSES)]
    return {"email": f"{code:08x}@example.com", "status": status, "companyName": f"Company {code % 1000}", "note": note}


def record_of(key, note):
    """What is written to put a client in place."""
    return {"id": key, "created_at": "2024-05-06T07:08:09Z", **members_of(note)}


class Clients:
    """A client's value is a short text: its state and a note, from which all else in its record follows."""

    def __init__(self, originals=()):
        """`originals`: records that are there before anything is written."""
        self.originals = {record["id"]: record for record in originals}
        # Some all over them.
        step = max(1, len(self.originals) // WRITTEN_ORIGINALS)
        self.written = sorted(self.originals)[::step] + list(NEW_IDS)
        self.ids = self.originals.keys() | set(self.written)
        self._decoded = {}  # By id: {text: (record, value)}.

    def values(self):
        """Before anything is written."""
        return {key: ORIGINAL + (DELETED if record["deleted"] else ACTIVE) for key, record in self.originals.items()}

    def read(self, text, at=0):
        """(record, value, end) of the record whose JSON stands in the text there. One that was there before is not decoded again: most
        records of a snapshot stay as they are."""
        decoded = self._decoded.setdefault(re.compile(r'{"id":(\d+),').match(text, at)[1], {})
        for known, (record, value) in decoded.items():
            if text.startswith(known, at):
                return record, value, at + len(known)
        record, end = json.JSONDecoder().raw_decode(text, at)
        if len(decoded) > 1:
            decoded.popitem()
        decoded[text[at:end]] = record, self._value_of(record)
        return *decoded[text[at:end]], end

    def read_list(self, text):
        """[(record, value, its JSON)] of an array of records."""
        records, at = [], 1
        while text[at] != "]":
            record, value, end = self.read(text, at)
            records.append((record, value, text[at:end]))
            at = end + (text[end] == ",")
        assert text[0] == "[" and text[at:] == "]", f"no array: {text[:100]}...{text[-100:]}"
        return records

    def _value_of(self, record):
        """The value that a record as the server gives it stands for; nothing that could be expected when it is not whole."""
        note, state = record.get("note", ""), DELETED if record["deleted"] else ACTIVE
        if original := self.originals.get(record["id"]):
            if record == {**original, **(members_of(note) if note else {}), "deleted": record["deleted"]}:
                return ORIGINAL + state + note
        # What the server puts in for members that were not given is not for this test, if it is little; what was given must all be
        # there.
        is_put = all(record.get(name) == value for name, value in record_of(record["id"], note).items()) and not record.get("users")
        return state + note if is_put else "broken " + json.dumps(record)
