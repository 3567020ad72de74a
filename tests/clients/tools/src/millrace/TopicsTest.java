package millrace;

import static millrace.Tool.createTopic;
import static millrace.Tool.eventually;
import static millrace.Tool.topics;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kafka-topics. */
class TopicsTest {
    @Test
    void createListDescribeDelete() {
        String topic = createTopic(3, "retention.ms=3600000", "cleanup.policy=compact");
        assertTrue(topics("--list").ok().lines().contains(topic));
        var described = topics("--describe", "--topic", topic).ok();
        List<String> head = described.row("Topic:", topic, "PartitionCount:");
        assertEquals("3", head.get(head.indexOf("PartitionCount:") + 1));
        assertEquals("1", head.get(head.indexOf("ReplicationFactor:") + 1));
        assertTrue(described.out().contains("cleanup.policy=compact"), described::toString);
        assertTrue(described.out().contains("retention.ms=3600000"), described::toString);
        for (int partition = 0; partition < 3; partition++) {
            List<String> row = described.row("Partition:", Integer.toString(partition), "Leader:");
            assertEquals("1", row.get(row.indexOf("Leader:") + 1));
            assertEquals("1", row.get(row.indexOf("Isr:") + 1));
        }
        topics("--delete", "--topic", topic).ok();
        eventually("the topic to go", () -> !topics("--list").ok().lines().contains(topic));
        assertEquals(1, topics("--describe", "--topic", topic).status());
    }

    @Test
    void partitionsGrow() {
        String topic = createTopic(1);
        topics("--alter", "--topic", topic, "--partitions", "4").ok();
        eventually("four partitions", () ->
            topics("--describe", "--topic", topic).out().contains("PartitionCount: 4"));
        topics("--alter", "--topic", topic, "--partitions", "2").refused();
    }

    @Test
    void existingTopicsAreRefusedOrSkipped() {
        String topic = createTopic(1);
        topics("--create", "--topic", topic, "--partitions", "1").refused();
        topics("--create", "--topic", topic, "--partitions", "1", "--if-not-exists").ok();
    }

    @Test
    void missingTopicsAreRefusedOrSkipped() {
        String missing = Tool.unique("missing");
        assertEquals(1, topics("--delete", "--topic", missing).status());
        topics("--delete", "--topic", missing, "--if-exists").ok();
        topics("--describe", "--topic", missing, "--if-exists").ok();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no.such.config=1", "retention.ms=soon", "min.insync.replicas=0"})
    void badConfigsAreRefused(String config) {
        topics("--create", "--topic", Tool.unique("bad"), "--partitions", "1", "--config", config).refused();
    }

    @Test
    void tooManyReplicasAreRefused() {
        topics("--create", "--topic", Tool.unique("bad"), "--partitions", "1", "--replication-factor", "7")
            .refused();
    }

    @Test
    void aTopicIsFoundById() {
        String topic = createTopic(1);
        List<String> head = topics("--describe", "--topic", topic).ok().row("TopicId:");
        String id = head.get(head.indexOf("TopicId:") + 1);
        var byId = topics("--describe", "--topic-id", id).ok();
        assertTrue(byId.out().contains(topic), byId::toString);
    }

    @Test
    void healthyTopicsHaveNothingToReport() {
        String topic = createTopic(2);
        for (String filter : List.of(
                "--under-replicated-partitions", "--unavailable-partitions",
                "--under-min-isr-partitions", "--at-min-isr-partitions")) {
            var described = topics("--describe", "--topic", topic, filter).ok();
            boolean listed = described.out().contains(topic);
            // One replica with min.insync.replicas=1 is exactly at the minimum.
            assertEquals(filter.equals("--at-min-isr-partitions"), listed, described::toString);
        }
        var overrides = topics("--describe", "--topic", topic, "--topics-with-overrides").ok();
        assertFalse(overrides.out().contains("Partition: 0"), overrides::toString);
    }
}
