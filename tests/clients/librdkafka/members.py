"""Group members that poll in threads of their own, as they would in processes of their own."""

import threading

from confluent_kafka import KafkaException

import kit
from millrace import eventually


class Member:
    """A consumer that polls until it is closed, and remembers what it saw."""

    def __init__(self, group, topics, servers=None, **config):
        self.messages = []
        self.events = []
        self.errors = []
        self._ending = threading.Event()
        self._leaves = True
        self._owned = set()
        self.consumer = kit.consumer(group, servers, **config)
        self.consumer.subscribe(
            topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
        )
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    @property
    def owned(self):
        return frozenset(self._owned)

    def _assigned(self, _, partitions):
        self.events.append("assigned")
        self._owned |= {(p.topic, p.partition) for p in partitions}

    def _revoked(self, _, partitions):
        self.events.append("revoked")
        self._owned -= {(p.topic, p.partition) for p in partitions}

    def _lost(self, _, partitions):
        self.events.append("lost")
        self._owned -= {(p.topic, p.partition) for p in partitions}

    def _poll(self):
        while not self._ending.is_set():
            try:
                message = self.consumer.poll(0.1)
            except KafkaException as error:
                self.errors.append(error.args[0])
                continue
            if message is None:
                continue
            if message.error():
                self.errors.append(message.error())
            else:
                self.messages.append(message)
        if self._leaves:
            self.consumer.close()

    def close(self):
        """Leaves the group."""
        self._ending.set()
        self._thread.join(30)

    def crash(self):
        """Stops polling for good without leaving: the group finds out by max.poll.interval.ms."""
        self._leaves = False
        self._ending.set()
        self._thread.join(30)


def all_partitions(topic, count):
    return {(topic, partition) for partition in range(count)}


def settled(members, expected, share=None):
    """Waits until `members` own every partition of `expected` once, each `share` of them."""

    def done():
        owned = [member.owned for member in members]
        whole = sum(len(part) for part in owned) == len(expected)
        fair = share is None or sorted(map(len, owned)) == sorted(share)
        return whole and fair and set().union(*owned) == expected

    eventually(done, f"an assignment of {len(expected)} partitions to {len(members)} members")
