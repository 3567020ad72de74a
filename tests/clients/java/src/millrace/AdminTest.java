package millrace;

import static millrace.Kit.createTopic;
import static millrace.Kit.eventually;
import static millrace.Kit.failsWith;
import static millrace.Kit.fill;
import static millrace.Kit.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The whole of the Java admin client that a fleet without transactions and security serves. */
class AdminTest {
    private static final Admin ADMIN = Kit.admin();

    @AfterAll
    static void close() {
        ADMIN.close();
    }

    @Test
    void creationTellsEverythingAboutTheTopic() throws Exception {
        String name = Kit.unique("java");
        var created = ADMIN.createTopics(
            List.of(new NewTopic(name, Optional.of(3), Optional.empty()).configs(Map.of("retention.ms", "1000000"))));
        assertEquals(3, get(created.numPartitions(name)));
        assertEquals(1, get(created.replicationFactor(name)));
        assertEquals("1000000", get(created.config(name)).get("retention.ms").value());
        Uuid id = get(created.topicId(name));
        eventually("the topic by id", () -> {
            var byId = get(ADMIN.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds());
            return byId.get(id).name().equals(name);
        });
        get(ADMIN.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
        eventually("the topic to go", () -> !get(ADMIN.listTopics().names()).contains(name));
        failsWith(UnknownTopicIdException.class, ADMIN.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
        failsWith(UnknownTopicOrPartitionException.class, ADMIN.describeTopics(List.of(name)).allTopicNames());
    }

    @Test
    void whatCannotBeCreatedIsNamed() throws Exception {
        String twice = createTopic(ADMIN, 1);
        var cases = Map.<NewTopic, Class<? extends Throwable>>of(
            new NewTopic(twice, 1, (short) 1), TopicExistsException.class,
            new NewTopic("not good", 1, (short) 1), InvalidTopicException.class,
            new NewTopic(Kit.unique("a"), 0, (short) 1), InvalidPartitionsException.class,
            new NewTopic(Kit.unique("b"), 1, (short) 5), InvalidReplicationFactorException.class,
            new NewTopic(Kit.unique("c"), 1, (short) 0), InvalidReplicationFactorException.class,
            new NewTopic(Kit.unique("d"), 1, (short) 1).configs(Map.of("no.such", "1")),
                InvalidConfigurationException.class);
        var results = ADMIN.createTopics(new ArrayList<>(cases.keySet())).values();
        for (var each : cases.entrySet()) {
            var error = failsWith(each.getValue(), results.get(each.getKey().name()));
            assertNotNull(error.getMessage());
        }
    }

    @Test
    void validationAloneCreatesNothing() throws Exception {
        String name = Kit.unique("java");
        var topic = List.of(new NewTopic(name, 2, (short) 1));
        get(ADMIN.createTopics(topic, new CreateTopicsOptions().validateOnly(true)).all());
        assertFalse(get(ADMIN.listTopics().names()).contains(name));
    }

    @Test
    void partitionsGrow() throws Exception {
        String topic = createTopic(ADMIN, 1);
        get(ADMIN.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all());
        eventually("three partitions", () ->
            get(ADMIN.describeTopics(List.of(topic)).allTopicNames()).get(topic).partitions().size() == 3);
        failsWith(InvalidPartitionsException.class,
            ADMIN.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all());
    }

    @Test
    void offsetsBySpec() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 10);
        var partition = new TopicPartition(topic, 0);
        var cases = Map.of(
            OffsetSpec.earliest(), 0L, OffsetSpec.latest(), 10L, OffsetSpec.maxTimestamp(), 9L,
            OffsetSpec.forTimestamp(Kit.BASE + 2500), 3L, OffsetSpec.forTimestamp(Kit.BASE + 60_000), -1L,
            OffsetSpec.earliestLocal(), 0L);
        for (var each : cases.entrySet()) {
            var found = get(ADMIN.listOffsets(Map.of(partition, each.getKey())).partitionResult(partition));
            assertEquals(each.getValue(), found.offset(), each.getKey().getClass().getSimpleName());
        }
        var missing = new TopicPartition(Kit.unique("missing"), 0);
        var none = new TopicPartition(topic, 7);
        for (var wrong : List.of(missing, none)) {
            var short1 = new org.apache.kafka.clients.admin.ListOffsetsOptions().timeoutMs(2000);
            var result = ADMIN.listOffsets(Map.of(wrong, OffsetSpec.latest()), short1);
            org.junit.jupiter.api.Assertions.assertThrows(
                java.util.concurrent.ExecutionException.class, () -> get(result.partitionResult(wrong)));
        }
    }

    @Test
    void recordsAreDeletedFromTheFront() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 10);
        var partition = new TopicPartition(topic, 0);
        var deleted = ADMIN.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(6)));
        assertEquals(6, get(deleted.lowWatermarks().get(partition)).lowWatermark());
        failsWith(OffsetOutOfRangeException.class,
            ADMIN.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(11))).all());
        assertEquals("6", Kit.readFrom(topic, 6, 4).get(0).value());
    }

    private static ConfigEntry config(ConfigResource resource, String key) throws Exception {
        return get(ADMIN.describeConfigs(List.of(resource)).all()).get(resource).get(key);
    }

    private static void becomes(ConfigResource resource, String key, String value) throws Exception {
        eventually(key + "=" + value, () -> value.equals(config(resource, key).value()));
    }

    private static void alter(ConfigResource resource, String key, String value, OpType operation) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry(key, value), operation);
        get(ADMIN.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
    }

    @Test
    void configsChangeByDifference() throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, createTopic(ADMIN, 1));
        assertEquals(ConfigSource.DEFAULT_CONFIG, config(topic, "retention.ms").source());
        alter(topic, "retention.ms", "1234567", OpType.SET);
        becomes(topic, "retention.ms", "1234567");
        assertEquals(ConfigSource.DYNAMIC_TOPIC_CONFIG, config(topic, "retention.ms").source());
        alter(topic, "cleanup.policy", "compact", OpType.APPEND);
        becomes(topic, "cleanup.policy", "delete,compact");
        alter(topic, "cleanup.policy", "delete", OpType.SUBTRACT);
        becomes(topic, "cleanup.policy", "compact");
        alter(topic, "retention.ms", "", OpType.DELETE);
        becomes(topic, "retention.ms", "604800000");
        var bad = new AlterConfigOp(new ConfigEntry("retention.ms", "soon"), OpType.SET);
        failsWith(InvalidConfigurationException.class,
            ADMIN.incrementalAlterConfigs(Map.of(topic, List.of(bad))).all());
    }

    @Test
    void configsTellTypeSynonymsAndDocumentation() throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, createTopic(ADMIN, 1));
        var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        var entry = get(ADMIN.describeConfigs(List.of(topic), options).all()).get(topic).get("segment.bytes");
        assertEquals(ConfigEntry.ConfigType.INT, entry.type());
        assertTrue(entry.isDefault() && !entry.isSensitive() && !entry.isReadOnly());
        assertNotNull(entry.documentation());
        assertTrue(entry.synonyms().stream().anyMatch(synonym -> synonym.source() == ConfigSource.DEFAULT_CONFIG));
    }

    @Test
    void aBrokerTellsItsConfigs() throws Exception {
        var broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        assertEquals("1", config(broker, "node.id").value());
        assertEquals(ConfigSource.STATIC_BROKER_CONFIG, config(broker, "node.id").source());
        assertEquals(ConfigSource.DEFAULT_CONFIG, config(broker, "num.io.threads").source());
        assertTrue(config(broker, "node.id").isReadOnly());
    }

    @Test
    void configResourcesAreListed() throws Exception {
        String topic = createTopic(ADMIN, 1);
        var listed = get(ADMIN.listConfigResources(Set.of(ConfigResource.Type.TOPIC),
            new org.apache.kafka.clients.admin.ListConfigResourcesOptions()).all());
        assertTrue(listed.contains(new ConfigResource(ConfigResource.Type.TOPIC, topic)), listed::toString);
    }

    @Test
    void theClusterDescribesItself() throws Exception {
        var cluster = ADMIN.describeCluster(new DescribeClusterOptions());
        assertEquals(1, get(cluster.nodes()).size());
        assertEquals(1, get(cluster.controller()).id());
        assertEquals(get(cluster.clusterId()), get(Kit.admin().describeCluster().clusterId()));
        assertNull(get(cluster.authorizedOperations()));
        assertNotNull(get(ADMIN.describeFeatures().featureMetadata()).finalizedFeatures().get("metadata.version"));
        var quorum = get(ADMIN.describeMetadataQuorum().quorumInfo());
        assertEquals(1, quorum.leaderId());
        assertTrue(quorum.highWatermark() > 0);
        assertEquals(1, quorum.voters().size());
    }

    @Test
    void internalTopicsAreListedWhenAskedFor() throws Exception {
        String topic = createTopic(ADMIN, 1);
        try (var consumer = Kit.consumer()) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.commitSync(Map.of(
                new TopicPartition(topic, 0), new org.apache.kafka.clients.consumer.OffsetAndMetadata(0)));
        }
        assertFalse(get(ADMIN.listTopics().names()).contains("__consumer_offsets"));
        var all = get(ADMIN.listTopics(new ListTopicsOptions().listInternal(true)).namesToListings());
        assertTrue(all.get("__consumer_offsets").isInternal());
    }

    @Test
    void logDirectoriesTellTheirSizes() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 100);
        var directories = get(ADMIN.describeLogDirs(List.of(1)).allDescriptions()).get(1);
        var directory = Kit.only(directories.values());
        assertNull(directory.error());
        assertTrue(directory.replicaInfos().get(new TopicPartition(topic, 0)).size() > 1000);
        assertTrue(directory.totalBytes().getAsLong() > directory.usableBytes().getAsLong());
    }

    @Test
    void producersOfAPartitionAreDescribed() throws Exception {
        String topic = createTopic(ADMIN, 1);
        fill(topic, 10);
        var partition = new TopicPartition(topic, 0);
        var state = get(ADMIN.describeProducers(List.of(partition)).partitionResult(partition));
        var producer = Kit.only(state.activeProducers());
        assertEquals(9, producer.lastSequence());
        assertEquals(0, producer.producerEpoch());
        assertTrue(producer.currentTransactionStartOffset().isEmpty());
    }
}
