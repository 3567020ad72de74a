"""Short forms of what the tests do with kafka-python."""

import threading

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from millrace import LIMIT, bootstrap, eventually, unique


# The default waits half a minute after a broker was away.
RECONNECT = {"reconnect_backoff_max_ms": 500}


def admin(servers=None):
    return KafkaAdminClient(bootstrap_servers=servers or bootstrap())


def create_topic(client, partitions=1, configs=None):
    name = unique("kp")
    client.create_topics({name: {"num_partitions": partitions, "configs": configs or {}}})
    ready = lambda: len(client.describe_topics([name])[0]["partitions"]) == partitions
    eventually(ready, f"the partitions of {name}")
    return name


def producer(servers=None, **config):
    return KafkaProducer(bootstrap_servers=servers or bootstrap(), **{**RECONNECT, **config})


def produce(client, topic, values, **arguments):
    """Sends the values and returns where each stands."""
    futures = [client.send(topic, value=value, **arguments) for value in values]
    client.flush(timeout=LIMIT)
    return [future.get(timeout=LIMIT) for future in futures]


def consumer(*topics, servers=None, group=None, **config):
    base = {
        "bootstrap_servers": servers or bootstrap(),
        "group_id": group,
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "session_timeout_ms": 6000,
        "heartbeat_interval_ms": 300,
        "fetch_max_wait_ms": 100,
        "metadata_max_age_ms": 1000,
        **RECONNECT,
    }
    client = KafkaConsumer(**{**base, **config})
    if topics:
        # A leader that does not know a topic yet assigns nothing of it, and never thinks again.
        eventually(lambda: all(map(client.partitions_for_topic, topics)), f"metadata of {topics}")
        client.subscribe(topics)
    return client


def take(client, count, limit=LIMIT):
    records = []

    def poll():
        for batch in client.poll(timeout_ms=200).values():
            records.extend(batch)
        return len(records) >= count

    eventually(poll, f"{count} records, got {len(records)}", limit)
    return records


class Member:
    """A group member that polls in a thread of its own until it is closed."""

    def __init__(self, group, topic, **config):
        self.owned = set()
        self.records = []
        self.errors = []
        self._ending = threading.Event()
        self._config = dict(config, group=group)
        self._thread = threading.Thread(target=self._run, args=(topic,), daemon=True)
        self._thread.start()

    def _run(self, topic):
        client = consumer(topic, **self._config)
        try:
            while not self._ending.is_set():
                for batch in client.poll(timeout_ms=100).values():
                    self.records.extend(batch)
                self.owned = set(client.assignment())
        except Exception as error:  # whatever ends a member is what a test wants to see
            self.errors.append(error)
        finally:
            client.close()
            self.owned = set()

    def close(self):
        self._ending.set()
        self._thread.join(LIMIT)


def settled(partitions, *members):
    def done():
        owned = [partition for member in members for partition in set(member.owned)]
        return len(owned) == partitions == len(set(owned)) and all(m.owned for m in members)

    eventually(done, f"{partitions} partitions with {len(members)} members")
