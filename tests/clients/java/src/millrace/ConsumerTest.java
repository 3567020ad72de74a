package millrace;

import static millrace.Kit.consumer;
import static millrace.Kit.createTopic;
import static millrace.Kit.fill;
import static millrace.Kit.take;
import static millrace.Kit.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Reading by offset and by time, fetch limits, commits of a consumer that assigns itself. */
class ConsumerTest {
    private static final Admin ADMIN = Kit.admin();

    @AfterAll
    static void close() {
        ADMIN.close();
    }

    @Test
    void seekToEveryPlace() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 10);
        var partition = new TopicPartition(topic, 0);
        try (var consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            assertEquals(10, take(consumer, 10).size());
            consumer.seek(partition, 8);
            assertEquals(List.of("8", "9"), values(take(consumer, 2)));
            consumer.seekToEnd(List.of(partition));
            assertEquals(10, consumer.position(partition));
            assertTrue(consumer.poll(Duration.ofMillis(500)).isEmpty());
            fill(topic, 1);
            assertEquals(List.of("0"), values(take(consumer, 1)));
        }
    }

    @Test
    void offsetsByTimeBeginningAndEnd() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 10);
        var partition = new TopicPartition(topic, 0);
        try (var consumer = consumer()) {
            assertEquals(Map.of(partition, 0L), consumer.beginningOffsets(List.of(partition)));
            assertEquals(Map.of(partition, 10L), consumer.endOffsets(List.of(partition)));
            for (int i = 0; i < 10; i++) {
                var found = consumer.offsetsForTimes(Map.of(partition, Kit.BASE + i * 1000L - 5)).get(partition);
                assertEquals(i, found.offset());
                assertEquals(Kit.BASE + i * 1000L, found.timestamp());
                assertEquals(Optional.of(0), found.leaderEpoch());
            }
            assertNull(consumer.offsetsForTimes(Map.of(partition, Kit.BASE + 60_000)).get(partition));
        }
    }

    @Test
    void anOffsetOutOfRangeIsReportedOrReset() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 10);
        var partition = new TopicPartition(topic, 0);
        Kit.get(ADMIN.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4))).all());
        for (long outside : new long[] {0, 3, 11}) {
            try (var strict = consumer(Kit.unique("g"), Map.of("auto.offset.reset", "none"))) {
                strict.assign(List.of(partition));
                strict.seek(partition, outside);
                assertThrows(OffsetOutOfRangeException.class, () -> take(strict, 1));
            }
            assertEquals("4", Kit.readFrom(topic, outside, 6).get(0).value());
        }
    }

    @Test
    void withoutAnOffsetAndAPolicyThereIsNoStart() throws Exception {
        String topic = createTopic(ADMIN, 1);
        try (var strict = consumer(Kit.unique("g"), Map.of("auto.offset.reset", "none"))) {
            strict.assign(List.of(new TopicPartition(topic, 0)));
            assertThrows(NoOffsetForPartitionException.class, () -> take(strict, 1));
        }
    }

    @Test
    void smallFetchesOverManyPartitionsGetEverything() throws Exception {
        String topic = createTopic(ADMIN, 12);
        var sent = new ArrayList<ProducerRecord<String, String>>();
        for (int i = 0; i < 600; i++) {
            sent.add(new ProducerRecord<>(topic, i % 12, null, i + " ".repeat(500)));
        }
        try (var producer = Kit.producer(Map.of("batch.size", 2000))) {
            Kit.sendAll(producer, sent);
        }
        Map<String, Object> small = Map.of(
            "max.partition.fetch.bytes", 1000, "fetch.max.bytes", 5000, "max.poll.records", 37);
        try (var consumer = consumer(Kit.unique("g"), small)) {
            consumer.assign(IntStream.range(0, 12).mapToObj(p -> new TopicPartition(topic, p)).toList());
            var numbers = new TreeSet<Integer>();
            take(consumer, 600).forEach(record -> numbers.add(Integer.parseInt(record.value().trim())));
            assertEquals(600, numbers.size());
        }
    }

    @Test
    void aSessionFollowsPartitionsThatComeAndGo() throws Exception {
        String topic = createTopic(ADMIN, 3);
        var partitions = IntStream.range(0, 3).mapToObj(p -> new TopicPartition(topic, p)).toList();
        try (var producer = Kit.producer(Map.of()); var consumer = consumer()) {
            consumer.assign(partitions.subList(0, 1));
            for (int round = 0; round < 6; round++) {
                int here = round % 3;
                consumer.assign(List.of(partitions.get(here), partitions.get((here + 1) % 3)));
                consumer.seekToEnd(consumer.assignment());
                consumer.assignment().forEach(consumer::position);
                String value = "round " + round;
                Kit.sendAll(producer, List.of(new ProducerRecord<>(topic, here, null, value)));
                assertEquals(List.of(value), values(take(consumer, 1)));
            }
        }
    }

    @Test
    void pausedPartitionsWait() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 5);
        var partition = new TopicPartition(topic, 0);
        try (var consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.pause(List.of(partition));
            assertTrue(consumer.poll(Duration.ofMillis(500)).isEmpty());
            consumer.resume(List.of(partition));
            assertEquals(5, take(consumer, 5).size());
        }
    }

    @Test
    void readCommittedReadsPlainRecords() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 5);
        try (var consumer = consumer(Kit.unique("g"), Map.of("isolation.level", "read_committed"))) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            assertEquals(5, take(consumer, 5).size());
        }
    }

    @Test
    void commitsWithMetadataComeBack() throws Exception {
        String topic = createTopic(ADMIN, 2);
        fill(topic, 10);
        String group = Kit.unique("g");
        var first = new TopicPartition(topic, 0);
        var second = new TopicPartition(topic, 1);
        try (var consumer = consumer(group, Map.of())) {
            consumer.assign(List.of(first, second));
            var offset = new OffsetAndMetadata(7, Optional.of(0), "note");
            consumer.commitSync(Map.of(first, offset));
            var found = consumer.committed(java.util.Set.of(first, second));
            assertEquals(offset, found.get(first));
            assertNull(found.get(second));
        }
        try (var consumer = consumer(group, Map.of())) {
            consumer.assign(List.of(first));
            assertEquals(7, consumer.position(first));
        }
    }

    @Test
    void asynchronousCommitsReportInOrder() throws Exception {
        String topic = createTopic(ADMIN, 1);
        String group = Kit.unique("g");
        var partition = new TopicPartition(topic, 0);
        var reports = new ArrayList<Long>();
        try (var consumer = consumer(group, Map.of())) {
            consumer.assign(List.of(partition));
            // Finds the coordinator: before that, asynchronous commits fail rather than wait.
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(0)));
            for (long offset = 1; offset <= 20; offset++) {
                consumer.commitAsync(Map.of(partition, new OffsetAndMetadata(offset)), (offsets, error) -> {
                    assertNull(error);
                    reports.add(offsets.get(partition).offset());
                });
            }
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(21)));
            Kit.eventually("20 reports", () -> {
                consumer.poll(Duration.ofMillis(50));
                return reports.size() == 20;
            });
            assertEquals(reports.stream().sorted().toList(), reports);
            assertEquals(21, consumer.committed(java.util.Set.of(partition)).get(partition).offset());
        }
    }

    @Test
    void anOutsiderCannotCommitForALiveGroup() throws Exception {
        String topic = createTopic(ADMIN, 1);
        String group = Kit.unique("g");
        var partition = new TopicPartition(topic, 0);
        try (var member = new Member(group, topic, Map.of()); var outsider = consumer(group, Map.of())) {
            Member.settled(topic, 1, member);
            outsider.assign(List.of(partition));
            assertThrows(CommitFailedException.class,
                () -> outsider.commitSync(Map.of(partition, new OffsetAndMetadata(1))));
        }
    }
}
