package millrace;

import static millrace.Tool.configs;
import static millrace.Tool.createTopic;
import static millrace.Tool.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** kafka-configs, and kafka-client-metrics which only lists. */
class ConfigsTest {
    private static Tool.Result topic(String topic, String... arguments) {
        String[] head = {"--entity-type", "topics", "--entity-name", topic};
        return configs(java.util.stream.Stream.of(head, arguments)
            .flatMap(java.util.stream.Stream::of).toArray(String[]::new));
    }

    @Test
    void topicConfigsAreAddedAndDeleted() {
        String name = createTopic(1);
        topic(name, "--alter", "--add-config", "retention.ms=12345,cleanup.policy=[compact,delete]").ok();
        eventually("both configs", () -> {
            String text = topic(name, "--describe").ok().out();
            return text.contains("retention.ms=12345") && text.contains("cleanup.policy=compact,delete");
        });
        topic(name, "--alter", "--delete-config", "retention.ms").ok();
        eventually("one config", () -> {
            String text = topic(name, "--describe").ok().out();
            return !text.contains("retention.ms=") && text.contains("cleanup.policy=");
        });
    }

    @Test
    void allTopicConfigsAreDescribedWithTheirSynonyms() {
        String name = createTopic(1, "segment.bytes=1048576");
        var all = topic(name, "--describe", "--all").ok();
        assertTrue(all.out().contains("segment.bytes=1048576 sensitive=false"), all::toString);
        assertTrue(all.out().contains("DYNAMIC_TOPIC_CONFIG:segment.bytes=1048576"), all::toString);
        assertTrue(all.out().contains("DEFAULT_CONFIG:log.segment.bytes=1073741824"), all::toString);
        for (String key : new String[] {"retention.ms=", "min.insync.replicas=1", "compression.type=producer"}) {
            assertTrue(all.out().contains(key), () -> key + " in " + all);
        }
    }

    @Test
    void badTopicConfigsAreRefused() {
        String name = createTopic(1);
        for (String bad : new String[] {"no.such.config=1", "retention.ms=soon"}) {
            var refused = topic(name, "--alter", "--add-config", bad);
            assertEquals(1, refused.status(), refused::toString);
            assertTrue(refused.toString().contains("InvalidConfigurationException"), refused::toString);
        }
        var missing = topic(name, "--alter", "--delete-config", "retention.ms");
        assertTrue(missing.status() == 0 || missing.toString().contains("Invalid config"), missing::toString);
    }

    @Test
    void aBrokerDescribesItself() {
        var all = configs("--entity-type", "brokers", "--entity-name", "1", "--describe", "--all").ok();
        assertTrue(all.out().contains("node.id=1 sensitive=false"), all::toString);
        assertTrue(all.out().contains("STATIC_BROKER_CONFIG:node.id=1"), all::toString);
        assertTrue(all.out().contains("log.dirs="), all::toString);
    }

    @Test
    void clusterWideDefaultsAreDescribed() {
        configs("--entity-type", "brokers", "--entity-default", "--describe").ok();
    }
}
