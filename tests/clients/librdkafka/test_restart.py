"""A broker that stops, or is killed, under producers, consumers and groups."""

import threading

import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    ResourceType,
)

import kit
from members import Member, all_partitions, settled
from millrace import eventually, unique

WAYS = ["stop", "kill"]


class Stream:
    """Produces numbers without a break until it is told to end; keeps what was acknowledged."""

    def __init__(self, topic, servers, **config):
        self.topic = topic
        self.acked = {}
        self.failed = []
        self._client = kit.producer(servers, acks="all", **config)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        number = 0
        while not self._ending.is_set():
            try:
                self._client.produce(
                    self.topic, key=str(number % 7), value=str(number), on_delivery=self._delivered
                )
                number += 1
            except BufferError:
                pass
            self._client.poll(0.002)

    def _delivered(self, error, message):
        if error:
            self.failed.append(error)
        else:
            self.acked[int(message.value())] = (message.partition(), message.offset())

    def wait_for_progress(self, records=100):
        target = len(self.acked) + records
        eventually(lambda: len(self.acked) >= target, f"{records} more records")

    def end(self):
        self._ending.set()
        self._thread.join(30)
        assert self._client.flush(60) == 0


def read_all(topic, partitions, count, servers):
    client = kit.consumer(servers=servers)
    client.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(partitions)])
    try:
        messages = kit.take(client, count)
        kit.take_none(client)
        return messages
    finally:
        client.close()


@pytest.mark.parametrize("way", WAYS)
def test_an_idempotent_stream_survives(own_broker, way):
    broker = own_broker(log__flush__interval__messages=1)
    topic = kit.create_topic(partitions=3, servers=broker.bootstrap)
    stream = Stream(topic, broker.bootstrap, enable_idempotence=True)
    for _ in range(2):
        stream.wait_for_progress()
        getattr(broker, way)()
        broker.resume()
    stream.wait_for_progress()
    stream.end()
    assert not stream.failed
    messages = read_all(topic, 3, len(stream.acked), broker.bootstrap)
    found = {int(m.value()): (m.partition(), m.offset()) for m in messages}
    assert len(messages) == len(found), "a record is there twice"
    # A batch that the broker had before it went away may be acknowledged without its offset.
    told = {number: place for number, place in stream.acked.items() if place[1] >= 0}
    assert found.keys() == stream.acked.keys() and told.items() <= found.items()
    for key in range(7):
        mine = [int(m.value()) for m in messages if m.key() == str(key).encode()]
        assert mine == sorted(mine)


@pytest.mark.parametrize("way", WAYS)
def test_topics_records_and_offsets_are_there_after(own_broker, way):
    broker = own_broker(log__flush__interval__messages=1)
    servers, group = broker.bootstrap, unique("g")
    config = {"retention.ms": "7654321"}
    topic = kit.create_topic(partitions=2, servers=servers, config=config)
    records = [{"value": str(i), "partition": i % 2} for i in range(40)]
    kit.produce(kit.producer(servers), topic, records)
    client = kit.consumer(group, servers)
    client.commit(offsets=[TopicPartition(topic, 1, 11, "kept")], asynchronous=False)
    client.close()
    cluster = kit.admin(servers).list_topics(timeout=10).cluster_id

    getattr(broker, way)()
    broker.resume()

    listed = kit.admin(servers).list_topics(timeout=10)
    assert listed.cluster_id == cluster
    assert len(listed.topics[topic].partitions) == 2
    assert len(read_all(topic, 2, 40, servers)) == 40
    client = kit.consumer(group, servers)
    [found] = client.committed([TopicPartition(topic, 1)], timeout=20)
    assert (found.offset, found.metadata) == (11, "kept")
    client.close()
    report = kit.produce(kit.producer(servers), topic, [{"value": b"next", "partition": 0}])
    assert report[0].offset() == 20


@pytest.mark.parametrize("way", WAYS)
def test_what_an_admin_changed_stays_changed(own_broker, way):
    broker = own_broker()
    admin = kit.admin(broker.bootstrap)
    grown, gone = (kit.create_topic(servers=broker.bootstrap) for _ in range(2))
    admin.create_partitions([NewPartitions(grown, 3)])[grown].result(20)
    change = ConfigEntry("retention.ms", "7654321", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, grown, incremental_configs=[change])
    admin.incremental_alter_configs([resource])[resource].result(20)
    admin.delete_topics([gone])[gone].result(20)

    getattr(broker, way)()
    broker.resume()

    eventually(lambda: kit.ready_partitions(admin, grown) == 3, "three partitions")
    assert gone not in admin.list_topics(timeout=10).topics
    resource = ConfigResource(ResourceType.TOPIC, grown)
    assert admin.describe_configs([resource])[resource].result(20)["retention.ms"].value == "7654321"


def test_deleted_records_stay_deleted(own_broker):
    broker = own_broker()
    topic = kit.create_topic(servers=broker.bootstrap)
    kit.produce(kit.producer(broker.bootstrap), topic, [{"value": str(i)} for i in range(10)])
    admin, partition = kit.admin(broker.bootstrap), TopicPartition(topic, 0, 6)
    assert admin.delete_records([partition])[partition].result(20).low_watermark == 6
    broker.stop()
    broker.resume()
    assert [m.offset() for m in read_all(topic, 1, 4, broker.bootstrap)] == [6, 7, 8, 9]


@pytest.mark.parametrize("way", WAYS)
def test_a_group_carries_on(own_broker, way):
    broker = own_broker(log__flush__interval__messages=1)
    servers, group = broker.bootstrap, unique("g")
    topic = kit.create_topic(partitions=4, servers=servers)
    members = [Member(group, [topic], servers) for _ in range(2)]
    settled(members, all_partitions(topic, 4), share=[2, 2])
    first = [{"value": str(i), "partition": i % 4} for i in range(80)]
    kit.produce(kit.producer(servers), topic, first)
    seen = lambda: {int(m.value()) for member in members for m in member.messages}
    eventually(lambda: seen() == set(range(80)), "the first 80 records")

    getattr(broker, way)()
    broker.resume()

    more = [{"value": str(i), "partition": i % 4} for i in range(80, 160)]
    kit.produce(kit.producer(servers), topic, more)
    eventually(lambda: seen() == set(range(160)), "the records after the restart")
    settled(members, all_partitions(topic, 4), share=[2, 2])
    for member in members:
        member.close()


def test_a_clean_restart_needs_no_fsync_per_record(own_broker):
    broker = own_broker()
    topic = kit.create_topic(servers=broker.bootstrap)
    kit.produce(kit.producer(broker.bootstrap), topic, [{"value": str(i)} for i in range(500)])
    broker.stop()
    broker.resume()
    assert len(read_all(topic, 1, 500, broker.bootstrap)) == 500
