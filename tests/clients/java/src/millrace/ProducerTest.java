package millrace;

import static millrace.Kit.createTopic;
import static millrace.Kit.failsWith;
import static millrace.Kit.get;
import static millrace.Kit.producer;
import static millrace.Kit.readFrom;
import static millrace.Kit.sendAll;
import static millrace.Kit.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Java producer sends is what a consumer gets. */
class ProducerTest {
    private static final Admin ADMIN = Kit.admin();

    @AfterAll
    static void close() {
        ADMIN.close();
    }

    private static List<String> expected(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "none, all, true", "gzip, all, true", "snappy, all, true", "lz4, all, true", "zstd, all, true",
        "none, all, false", "lz4, 1, false", "zstd, 0, false", "none, 0, false",
    })
    void everyCodecAndAcks(String codec, String acks, boolean idempotent) throws Exception {
        String topic = createTopic(ADMIN, 1);
        Map<String, Object> settings =
            Map.of("compression.type", codec, "acks", acks, "enable.idempotence", idempotent);
        try (var producer = producer(settings)) {
            sendAll(producer, Kit.numbers(topic, 300));
        }
        assertEquals(expected(300), values(readFrom(topic, 0, 300)));
    }

    @Test
    void manySmallBatchesInFlightKeepTheirOrder() throws Exception {
        String topic = createTopic(ADMIN, 1);
        Map<String, Object> settings =
            Map.of("batch.size", 200, "linger.ms", 0, "max.in.flight.requests.per.connection", 5);
        try (var producer = producer(settings)) {
            var delivered = sendAll(producer, Kit.numbers(topic, 2000));
            assertEquals(1999, delivered.get(1999).offset());
        }
        assertEquals(expected(2000), values(readFrom(topic, 0, 2000)));
    }

    @Test
    void keysValuesAndHeadersMayBeNull() throws Exception {
        String topic = createTopic(ADMIN, 1);
        var record = new ProducerRecord<String, String>(topic, 0, null, null);
        record.headers().add("a", new byte[] {1}).add("a", new byte[] {2}).add("none", null).add("", new byte[0]);
        try (var producer = producer(Map.of())) {
            sendAll(producer, List.of(record, new ProducerRecord<>(topic, 0, "", "")));
        }
        var read = readFrom(topic, 0, 2);
        assertNull(read.get(0).key());
        assertNull(read.get(0).value());
        assertEquals(List.of(
            new RecordHeader("a", new byte[] {1}), new RecordHeader("a", new byte[] {2}),
            new RecordHeader("none", null), new RecordHeader("", new byte[0])), List.of(read.get(0).headers().toArray()));
        assertEquals("", read.get(1).key());
        assertEquals("", read.get(1).value());
    }

    @Test
    void metadataTellsPlaceTimeAndSize() throws Exception {
        String topic = createTopic(ADMIN, 3);
        try (var producer = producer(Map.of())) {
            var metadata = get(producer.send(new ProducerRecord<>(topic, 2, Kit.BASE, "key", "value")));
            assertEquals(topic, metadata.topic());
            assertEquals(2, metadata.partition());
            assertEquals(0, metadata.offset());
            assertEquals(Kit.BASE, metadata.timestamp());
            assertEquals(3, metadata.serializedKeySize());
            assertEquals(3, producer.partitionsFor(topic).size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip"})
    void appendTimeIsTheBrokers(String codec) throws Exception {
        String topic = createTopic(ADMIN, 1, "message.timestamp.type=LogAppendTime");
        long before = System.currentTimeMillis();
        long acknowledged;
        try (var producer = producer(Map.of("compression.type", codec))) {
            acknowledged = get(producer.send(new ProducerRecord<>(topic, 0, 1L, "k", "v"))).timestamp();
        }
        var read = Kit.only(readFrom(topic, 0, 1));
        assertEquals(TimestampType.LOG_APPEND_TIME, read.timestampType());
        assertEquals(acknowledged, read.timestamp());
        assertTrue(before <= acknowledged && acknowledged <= System.currentTimeMillis());
    }

    @Test
    void largeRecordsPassUpToTheLimit() throws Exception {
        String topic = createTopic(ADMIN, 1, "max.message.bytes=3000000");
        String large = "x".repeat(2_900_000);
        try (var producer = producer(Map.of("max.request.size", 10_000_000))) {
            get(producer.send(new ProducerRecord<>(topic, large)));
            failsWith(RecordTooLargeException.class,
                producer.send(new ProducerRecord<>(topic, "y".repeat(3_100_000))));
        }
        assertEquals(large, Kit.only(readFrom(topic, 0, 1)).value());
    }

    @Test
    void aBatchOverTheLimitIsSplit() throws Exception {
        String topic = createTopic(ADMIN, 1, "max.message.bytes=5000");
        var records = new ArrayList<ProducerRecord<String, String>>();
        for (int i = 0; i < 50; i++) {
            records.add(new ProducerRecord<>(topic, 0, "k", Integer.toString(i) + " ".repeat(900)));
        }
        try (var producer = producer(Map.of("batch.size", 100_000, "linger.ms", 200))) {
            sendAll(producer, records);
        }
        var numbers = values(readFrom(topic, 0, 50)).stream().map(String::trim).toList();
        assertEquals(expected(50), numbers);
    }

    @Test
    void whatIsWrongIsNamed() throws Exception {
        String strict = createTopic(ADMIN, 1, "message.timestamp.after.max.ms=60000");
        String compacted = createTopic(ADMIN, 1, "cleanup.policy=compact");
        try (var producer = producer(Map.of("enable.idempotence", false))) {
            long tomorrow = System.currentTimeMillis() + 86_400_000;
            failsWith(InvalidTimestampException.class,
                producer.send(new ProducerRecord<>(strict, 0, tomorrow, "k", "v")));
            failsWith(org.apache.kafka.common.InvalidRecordException.class,
                producer.send(new ProducerRecord<>(compacted, 0, null, "no key")));
            failsWith(InvalidTopicException.class, producer.send(new ProducerRecord<>("not good", "v")));
        }
    }

    @Test
    void aTopicIsMadeByItsFirstRecord() throws Exception {
        String topic = Kit.unique("auto");
        assertFalse(get(ADMIN.listTopics().names()).contains(topic));
        try (var producer = producer(Map.of())) {
            assertEquals(0, get(producer.send(new ProducerRecord<>(topic, "first"))).offset());
        }
        assertTrue(get(ADMIN.listTopics().names()).contains(topic));
    }

    @Test
    void aTopicDeletedUnderAProducerIsFollowedToItsNewId() throws Exception {
        String topic = createTopic(ADMIN, 1);
        try (var producer = producer(Map.of("enable.idempotence", false, "metadata.max.age.ms", 300))) {
            get(producer.send(new ProducerRecord<>(topic, "old")));
            get(ADMIN.deleteTopics(List.of(topic)).all());
            // The producer's own request for metadata makes the topic again.
            Kit.eventually("the first record of the new topic", () ->
                get(producer.send(new ProducerRecord<>(topic, "new"))).offset() == 0);
        }
        assertEquals("new", readFrom(topic, 0, 1).get(0).value());
    }
}
