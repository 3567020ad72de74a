"""What every Python suite needs: the broker under test, names of its own, bounded waiting."""

import os
import socket
import time
import uuid

LIMIT = 45.0
PAUSE = 0.05

# Within the last week, or retention would take the records before they are read.
BASE = int(time.time() * 1000) - 3_600_000


def bootstrap():
    return os.environ["MILLRACE_TEST_BOOTSTRAP"]


def target():
    return os.environ.get("MILLRACE_TEST_TARGET", "millrace")


def unique(prefix="t"):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def eventually(probe, what="the condition", limit=LIMIT):
    """The first truthy answer of `probe`; an AssertionError inside it counts as not yet."""
    end = time.monotonic() + limit
    reason = None
    while True:
        try:
            answer = probe()
            if answer:
                return answer
        except AssertionError as error:
            reason = error
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit} s for {what}: {reason}")
        time.sleep(PAUSE)


class OwnBroker:
    """A broker beside the shared one, for tests that stop, kill or configure it."""

    def __init__(self, **properties):
        host, port = os.environ["MILLRACE_TEST_CONTROL"].rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout=150)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        pairs = "\t".join(f"{key.replace('__', '.')}={value}" for key, value in properties.items())
        self._id, self.bootstrap = self._ask(f"start {pairs}").split()

    def _ask(self, line):
        self._socket.sendall(f"{line}\n".encode())
        answer = self._lines.readline().rstrip("\n")
        if not answer.startswith("ok"):
            raise RuntimeError(f"{line}: {answer or 'no answer'}")
        return answer[3:]

    def stop(self):
        self._ask(f"stop {self._id}")

    def kill(self):
        self._ask(f"kill {self._id}")

    def resume(self):
        self._ask(f"resume {self._id}")

    def data(self):
        return self._ask(f"data {self._id}")

    def drop(self):
        self._ask(f"drop {self._id}")
        self._socket.close()
