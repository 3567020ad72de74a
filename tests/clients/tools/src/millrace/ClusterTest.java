package millrace;

import static millrace.Tool.BOOTSTRAP;
import static millrace.Tool.createTopic;
import static millrace.Tool.produce;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.tools.BrokerApiVersionsCommand;
import org.apache.kafka.tools.ClusterTool;
import org.apache.kafka.tools.FeatureCommand;
import org.apache.kafka.tools.MetadataQuorumCommand;
import org.apache.kafka.tools.TransactionsCommand;
import org.junit.jupiter.api.Test;

/** kafka-broker-api-versions, kafka-cluster, kafka-features, kafka-metadata-quorum, kafka-transactions. */
class ClusterTest {
    @Test
    void theBrokerListsItsVersions() {
        var listed = Tool.admin(BrokerApiVersionsCommand::main).ok();
        assertTrue(listed.out().contains(BOOTSTRAP + " (id: 1 rack: null isFenced: false) -> ("), listed::toString);
        for (String api : new String[] {"Produce(0)", "Fetch(1)", "Metadata(3)", "JoinGroup(11)"}) {
            String line = listed.lines().stream().filter(text -> text.contains(api)).findFirst().orElse("");
            assertTrue(line.contains("usable: "), () -> api + ": " + line);
        }
    }

    @Test
    void theClusterHasAnId() {
        var id = Tool.run(ClusterTool::main, "cluster-id", "--bootstrap-server", BOOTSTRAP).ok();
        assertTrue(id.out().startsWith("Cluster ID: ") && id.out().trim().length() > 12, id::toString);
        var endpoints = Tool.run(ClusterTool::main, "list-endpoints", "--bootstrap-server", BOOTSTRAP).ok();
        assertEquals("1", endpoints.row("127.0.0.1").get(0), endpoints::toString);
    }

    @Test
    void featuresAreDescribed() {
        var described = Tool.admin(FeatureCommand::main, "describe").ok();
        assertTrue(described.row("Feature:", "metadata.version").contains("FinalizedVersionLevel:"));
    }

    @Test
    void theQuorumIsDescribed() {
        var status = Tool.admin(MetadataQuorumCommand::main, "describe", "--status").ok();
        assertEquals("1", status.row("LeaderId:").get(1));
        assertFalse(status.row("LeaderEpoch:").get(1).startsWith("-"), status::toString);
        var replication = Tool.admin(MetadataQuorumCommand::main, "describe", "--replication").ok();
        assertTrue(replication.row("Leader").contains("1"), replication::toString);
    }

    @Test
    void producersOfAPartitionAreDescribed() {
        String topic = createTopic(1);
        produce(topic, "a\nb\n", "--command-property", "enable.idempotence=true").ok();
        var described = Tool.admin(
            TransactionsCommand::main, "describe-producers", "--topic", topic, "--partition", "0").ok();
        assertEquals(2, described.lines().size(), described::toString);
        assertTrue(described.lines().get(1).contains("None"), described::toString);
    }
}
