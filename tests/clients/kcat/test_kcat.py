"""kcat, and with it an old librdkafka: metadata, producing, consuming, querying, groups."""

import json
import subprocess

import pytest

from millrace import BASE, OwnBroker, bootstrap, eventually, unique

SECONDS = 60


def kcat(*arguments, servers=None, text=None, check=True):
    done = subprocess.run(
        ["kcat", "-b", servers or bootstrap(), *arguments],
        input=text, capture_output=True, text=True, timeout=SECONDS,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def produce(topic, lines, *arguments, **options):
    # The topic is made by the first record; the delivery waits for it.
    kcat("-P", "-t", topic, *arguments, text="".join(f"{line}\n" for line in lines), **options)


def consume(topic, *arguments, **options):
    return kcat("-C", "-q", "-t", topic, *arguments, **options).stdout.splitlines()


def metadata(servers=None):
    return json.loads(kcat("-L", "-J", servers=servers).stdout)


@pytest.fixture
def topic():
    return unique("kcat")


def test_metadata_names_brokers_and_topics(topic):
    produce(topic, ["a"])
    listed = metadata()
    assert [broker["id"] for broker in listed["brokers"]] == [1]
    assert listed["brokers"][0]["name"] == bootstrap()
    assert listed["controllerid"] == 1
    [mine] = [each for each in listed["topics"] if each["topic"] == topic]
    assert mine["partitions"] == [
        {"partition": 0, "leader": 1, "replicas": [{"id": 1}], "isrs": [{"id": 1}]}
    ]


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("acks", ["-1", "1", "0"])
def test_lines_come_back(topic, codec, acks):
    lines = [f"line {i}" for i in range(100)]
    produce(topic, ["warm up"])
    produce(topic, lines, "-X", f"compression.codec={codec}", "-X", f"acks={acks}")
    everything = lambda: consume(topic, "-o", "beginning", "-e") == ["warm up", *lines]
    eventually(everything, "all lines")


def test_an_idempotent_producer(topic):
    lines = [str(i) for i in range(1000)]
    produce(topic, lines, "-X", "enable.idempotence=true", "-X", "batch.num.messages=10")
    assert consume(topic, "-o", "beginning", "-e") == lines


def test_keys_headers_timestamps_and_places(topic):
    produce(topic, ["k1:v1", "k2:"], "-K:", "-H", "a=1", "-H", "b=", "-Z")
    lines = consume(topic, "-o", "beginning", "-e", "-J")
    first, second = map(json.loads, lines)
    assert (first["key"], first["payload"], first["offset"]) == ("k1", "v1", 0)
    assert first["headers"] == ["a", "1", "b", ""]
    assert first["tstype"] == "create" and first["ts"] > BASE
    assert (second["key"], second["payload"]) == ("k2", None)


def test_where_to_start(topic):
    produce(topic, range(10))
    assert consume(topic, "-o", "7", "-e") == ["7", "8", "9"]
    assert consume(topic, "-o", "-2", "-e") == ["8", "9"]
    assert consume(topic, "-o", "end", "-e") == []
    assert consume(topic, "-o", "beginning", "-c", "3") == ["0", "1", "2"]
    assert consume(topic, "-o", f"s@{BASE}", "-e") == [str(i) for i in range(10)]
    assert consume(topic, "-o", "s@0", "-o", f"e@{BASE}", "-e") == []


def test_offsets_are_queried(topic):
    produce(topic, range(10))
    query = lambda stamp: kcat("-Q", "-t", f"{topic}:0:{stamp}").stdout.strip()
    assert query(-1) == f"{topic} [0] offset 10"
    assert query(-2) == f"{topic} [0] offset 0"
    assert query(BASE) == f"{topic} [0] offset 0"
    assert query(BASE + 999_999_999) == f"{topic} [0] offset -1"


def test_a_group_reads_on(topic):
    produce(topic, range(10))
    group = unique("g")
    settings = ["-X", "auto.offset.reset=earliest", "-X", "session.timeout.ms=6000"]
    read = lambda count: kcat("-q", "-G", group, "-c", str(count), *settings, topic).stdout.split()
    assert read(4) == ["0", "1", "2", "3"]
    assert read(6) == ["4", "5", "6", "7", "8", "9"]


def test_large_lines(topic):
    lines = [character * 200_000 for character in "abcdef"]
    produce(topic, lines)
    assert consume(topic, "-o", "beginning", "-e") == lines


def test_an_unknown_topic_is_an_error_when_it_may_not_be_made():
    broker = OwnBroker(auto__create__topics__enable="false")
    try:
        done = kcat("-C", "-t", unique("no"), "-e", servers=broker.bootstrap, check=False)
        assert done.returncode != 0 and "Unknown topic" in done.stderr
    finally:
        broker.drop()


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_lines_survive_a_restart(topic, way):
    broker = OwnBroker(log__flush__interval__messages=1)
    try:
        produce(topic, range(50), servers=broker.bootstrap)
        getattr(broker, way)()
        broker.resume()
        assert consume(topic, "-o", "beginning", "-e", servers=broker.bootstrap) == [
            str(i) for i in range(50)
        ]
        produce(topic, ["next"], servers=broker.bootstrap)
        assert consume(topic, "-o", "50", "-e", servers=broker.bootstrap) == ["next"]
    finally:
        broker.drop()
