"""Short forms of what the tests do with confluent-kafka."""

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from millrace import LIMIT, bootstrap, eventually, unique

EARLIEST = {"auto.offset.reset": "earliest"}


def admin(servers=None):
    return AdminClient({"bootstrap.servers": servers or bootstrap()})


def create_topic(partitions=1, servers=None, config=None, name=None):
    name = name or unique()
    client = admin(servers)
    topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config or {})
    client.create_topics([topic])[name].result(LIMIT)
    eventually(lambda: ready_partitions(client, name) == partitions, f"leaders of {name}")
    return name


def ready_partitions(client, topic):
    metadata = client.list_topics(topic, timeout=10).topics[topic]
    return sum(1 for part in metadata.partitions.values() if part.leader >= 0 and not part.error)


def producer(servers=None, **config):
    base = {"bootstrap.servers": servers or bootstrap(), "linger.ms": 2, "message.timeout.ms": 40000}
    return Producer({**base, **dotted(config)})


def dotted(config):
    """`session_timeout_ms` as librdkafka writes it; callbacks keep their names."""
    spell = lambda key: key if key.startswith("on_") else key.replace("_", ".")
    return {spell(key): value for key, value in config.items()}


def produce(client, topic, records):
    """Sends `records` (dicts of produce()'s arguments) and returns them as delivered, in order."""
    reports = [None] * len(records)

    def on_delivery(index):
        def report(error, message):
            reports[index] = (error, message)

        return report

    for index, record in enumerate(records):
        while True:
            try:
                client.produce(topic, on_delivery=on_delivery(index), **record)
                break
            except BufferError:
                client.poll(0.1)
        client.poll(0)
    assert client.flush(LIMIT) == 0, "records are still in the queue"
    for error, _ in reports:
        if error is not None:
            raise KafkaException(error)
    return [message for _, message in reports]


def consumer(group=None, servers=None, **config):
    base = {
        "bootstrap.servers": servers or bootstrap(),
        "group.id": group or unique("g"),
        "enable.auto.commit": False,
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 300,
        "fetch.wait.max.ms": 100,
        "topic.metadata.refresh.interval.ms": 1000,
        **EARLIEST,
    }
    return Consumer({**base, **dotted(config)})


def take(client, count, limit=LIMIT):
    """The next `count` messages; an error of the client fails the test."""
    messages = []

    def poll():
        for message in client.consume(count - len(messages), timeout=0.5):
            if message.error():
                raise KafkaException(message.error())
            messages.append(message)
        return len(messages) >= count

    eventually(poll, f"{count} messages, got {len(messages)}", limit)
    return messages


def take_none(client, polls=3):
    """Nothing comes within a few long polls."""
    for _ in range(polls):
        message = client.poll(0.2)
        assert message is None, f"unexpected {message.value()!r} / {message.error()}"


def read_from(topic, offset, count, partition=0, servers=None, **config):
    client = consumer(servers=servers, **config)
    client.assign([TopicPartition(topic, partition, offset)])
    try:
        return take(client, count)
    finally:
        client.close()


def code(error):
    """The code of whatever the client raised or returned."""
    return error.args[0].code() if isinstance(error, KafkaException) else error.code()


def fails_with(expected, action):
    try:
        result = action()
    except KafkaException as error:
        assert code(error) == expected, f"{error}"
        return error
    raise AssertionError(f"no error but {result!r}")
