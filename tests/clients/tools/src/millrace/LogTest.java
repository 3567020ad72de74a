package millrace;

import static millrace.Tool.createTopic;
import static millrace.Tool.dump;
import static millrace.Tool.eventually;
import static millrace.Tool.files;
import static millrace.Tool.produce;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.tools.DeleteRecordsCommand;
import org.apache.kafka.tools.LogDirsCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kafka-dump-log on the broker's own files, kafka-log-dirs, kafka-delete-records. */
class LogTest {
    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void aSegmentIsReadByKafkasDump(String codec) {
        String topic = createTopic(1);
        produce(topic, "k1\tone\nk2\ttwo\n", "--reader-property", "parse.key=true",
            "--compression-codec=" + codec).ok();
        Path segment = files(Tool.partition(topic, 0), ".log").get(0);
        var dumped = dump("--files", segment.toString(), "--print-data-log", "--deep-iteration").ok();
        assertTrue(dumped.out().contains("compresscodec: " + codec), dumped::toString);
        assertTrue(dumped.out().contains("isvalid: true"), dumped::toString);
        assertTrue(dumped.out().contains("key: k1 payload: one"), dumped::toString);
        assertTrue(dumped.out().contains("key: k2 payload: two"), dumped::toString);
        assertFalse(dumped.out().contains("isvalid: false"), dumped::toString);
    }

    @Test
    void indexesOfRolledSegmentsAreSane() throws Exception {
        String topic = createTopic(1, "segment.bytes=1048576", "index.interval.bytes=4096");
        String line = "x".repeat(2000) + "\n";
        String input = IntStream.range(0, 1500).mapToObj(i -> line).collect(Collectors.joining());
        produce(topic, input, "--batch-size", "8000").ok();
        Path directory = Tool.partition(topic, 0);
        eventually("three segments", () -> files(directory, ".log").size() >= 3);
        for (String suffix : new String[] {".index", ".timeindex"}) {
            Path index = files(directory, suffix).get(0);
            assertTrue(Files.size(index) > 0, index::toString);
            var checked = dump("--files", index.toString(), "--index-sanity-check").ok();
            assertTrue(checked.out().contains("passed sanity check"), checked::toString);
            var verified = dump("--files", index.toString()).ok();
            assertFalse(verified.toString().contains("Mismatch"), verified::toString);
            assertFalse(verified.toString().contains("not found"), verified::toString);
        }
        var snapshots = files(directory, ".snapshot");
        if (!snapshots.isEmpty()) {
            var dumped = dump("--files", snapshots.get(0).toString()).ok();
            assertTrue(dumped.out().contains("producerId"), dumped::toString);
        }
    }

    @Test
    void committedOffsetsAreReadByKafkasDecoder() {
        String topic = createTopic(1);
        String group = Tool.unique("g");
        produce(topic, "a\nb\nc\n").ok();
        Tool.consume(topic, 2, "--group", group, "--from-beginning").ok();
        int partition = Utils.abs(group.hashCode()) % 4;
        Path segment = files(Tool.partition("__consumer_offsets", partition), ".log").get(0);
        var dumped = dump("--files", segment.toString(), "--offsets-decoder").ok();
        assertTrue(dumped.out().contains("\"group\":\"" + group + "\""), dumped::toString);
        assertTrue(dumped.out().contains("\"topic\":\"" + topic + "\""), dumped::toString);
        assertTrue(dumped.out().contains("\"offset\":2"), dumped::toString);
        assertTrue(dumped.out().contains("\"protocolType\":\"consumer\""), dumped::toString);
    }

    @Test
    void committedOffsetsAreReadByKafkasFormatter() {
        String topic = createTopic(1);
        String group = Tool.unique("g");
        produce(topic, "a\nb\nc\n").ok();
        Tool.consume(topic, 2, "--group", group, "--from-beginning").ok();
        int partition = Utils.abs(group.hashCode()) % 4;
        int records = Integer.parseInt(Tool.offsets("--topic-partitions", "__consumer_offsets:" + partition,
            "--time", "latest").ok().lines().get(0).split(":")[2]);
        var read = Tool.consume("__consumer_offsets", records, "--partition", Integer.toString(partition),
            "--offset", "earliest",
            "--formatter", "org.apache.kafka.tools.consumer.OffsetsMessageFormatter");
        assertTrue(read.out().contains("\"group\":\"" + group + "\""), read::toString);
        assertTrue(read.out().contains("\"offset\":2"), read::toString);
    }

    @Test
    void logDirectoriesAreDescribed() {
        String topic = createTopic(2);
        produce(topic, "some bytes\n").ok();
        var described = Tool.admin(LogDirsCommand::main, "--describe", "--topic-list", topic).ok();
        assertTrue(described.out().contains("\"partition\":\"" + topic + "-0\""), described::toString);
        assertTrue(described.out().contains("\"partition\":\"" + topic + "-1\""), described::toString);
        assertTrue(described.out().contains("\"error\":null"), described::toString);
        assertFalse(described.out().contains("\"size\":0,\"offsetLag\":0,\"isFuture\":false},{\"partition\":\""
            + topic + "-1\",\"size\":0"), described::toString);
    }

    @Test
    void recordsAreDeletedFromTheFront(@TempDir Path directory) {
        String topic = createTopic(1);
        produce(topic, "a\nb\nc\nd\n").ok();
        Path plan = Tool.write(directory.resolve("plan.json"),
            "{\"version\":1,\"partitions\":[{\"topic\":\"%s\",\"partition\":0,\"offset\":3}]}".formatted(topic));
        var deleted = Tool.admin(DeleteRecordsCommand::main, "--offset-json-file", plan.toString()).ok();
        assertTrue(deleted.out().contains("low_watermark: 3"), deleted::toString);
        assertEquals("d\n", Tool.consume(topic, 1, "--from-beginning").ok().out());
    }
}
