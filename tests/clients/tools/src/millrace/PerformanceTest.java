package millrace;

import static millrace.Tool.BOOTSTRAP;
import static millrace.Tool.createTopic;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.tools.ConsumerPerformance;
import org.apache.kafka.tools.EndToEndLatency;
import org.apache.kafka.tools.ProducerPerformance;
import org.apache.kafka.tools.VerifiableConsumer;
import org.apache.kafka.tools.VerifiableProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kafka-producer-perf-test, kafka-consumer-perf-test, kafka-e2e-latency and the verifiable clients. */
class PerformanceTest {
    private static void fill(String topic, int records, String... properties) {
        String[] head = {"--topic", topic, "--num-records", Integer.toString(records), "--throughput", "-1",
            "--record-size", "200", "--producer-props", "bootstrap.servers=" + BOOTSTRAP};
        var done = Tool.run(ProducerPerformance::main, java.util.stream.Stream.of(head, properties)
            .flatMap(java.util.stream.Stream::of).toArray(String[]::new)).ok();
        assertTrue(done.out().contains(records + " records sent"), done::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "lz4"})
    void whatIsSentIsRead(String codec) {
        String topic = createTopic(3);
        fill(topic, 20_000, "acks=all", "compression.type=" + codec);
        var read = Tool.admin(ConsumerPerformance::main, "--topic", topic, "--messages", "20000").ok();
        String[] columns = read.lines().get(read.lines().size() - 1).split(",\\s*");
        assertTrue(Long.parseLong(columns[4]) >= 20_000, read::toString);
    }

    @Test
    void latencyIsMeasured() {
        String topic = createTopic(1);
        var measured = Tool.run(EndToEndLatency::main, "--bootstrap-server", BOOTSTRAP, "--topic", topic,
            "--num-records", "100", "--producer-acks", "1", "--record-size", "100").ok();
        assertTrue(measured.out().contains("Avg latency:"), measured::toString);
    }

    @Test
    void everyVerifiableRecordIsAcknowledgedAndRead() throws Exception {
        String topic = createTopic(2);
        var sent = Tool.process(VerifiableProducer.class, "--topic", topic, "--max-messages", "500").ok();
        long acked = sent.lines().stream().filter(line -> line.contains("producer_send_success")).count();
        assertEquals(500, acked, () -> sent.lines().get(sent.lines().size() - 1));
        var read = Tool.admin(VerifiableConsumer::main, "--topic", topic, "--group-id", Tool.unique("g"),
            "--max-messages", "500", "--reset-policy", "earliest").ok();
        long records = read.lines().stream().filter(line -> line.contains("records_consumed"))
            .mapToLong(line -> Long.parseLong(line.replaceAll(".*\"count\":(\\d+).*", "$1"))).sum();
        assertTrue(records >= 500, read::toString);
        assertTrue(read.out().contains("offsets_committed"), read::toString);
    }
}
