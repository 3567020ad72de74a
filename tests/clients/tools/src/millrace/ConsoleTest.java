package millrace;

import static millrace.Tool.consume;
import static millrace.Tool.createTopic;
import static millrace.Tool.offsets;
import static millrace.Tool.produce;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kafka-console-producer, kafka-console-consumer, kafka-get-offsets. */
class ConsoleTest {
    private static String numbers(int count) {
        return IntStream.range(0, count).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void linesComeBackWithEveryCodec(String codec) {
        String topic = createTopic(1);
        produce(topic, numbers(100), "--compression-codec=" + codec).ok();
        assertEquals(numbers(100), consume(topic, 100, "--from-beginning").ok().out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void linesComeBackWithEveryAcks(String acks) {
        String topic = createTopic(1);
        String property = "enable.idempotence=false";
        produce(topic, numbers(30), "--command-property", property, "--request-required-acks", acks).ok();
        assertEquals(numbers(30), consume(topic, 30, "--from-beginning").ok().out());
    }

    @Test
    void keysHeadersTimestampsAndPlacesArePrinted() {
        String topic = createTopic(1);
        produce(topic, "h1:one,h2:two\tkey\tvalue\n", "--reader-property", "parse.key=true",
            "--reader-property", "parse.headers=true").ok();
        String line = consume(topic, 1, "--from-beginning", "--formatter-property", "print.key=true",
            "--formatter-property", "print.headers=true", "--formatter-property", "print.timestamp=true",
            "--formatter-property", "print.partition=true", "--formatter-property", "print.offset=true").ok().lines().get(0);
        assertTrue(line.startsWith("CreateTime:"), line);
        assertTrue(line.endsWith("Partition:0\tOffset:0\th1:one,h2:two\tkey\tvalue"), line);
    }

    @Test
    void aPartitionIsReadFromAnOffset() {
        String topic = createTopic(1);
        produce(topic, numbers(10)).ok();
        var tail = consume(topic, 3, "--partition", "0", "--offset", "7").ok();
        assertEquals(List.of("line 7", "line 8", "line 9"), tail.lines());
    }

    @Test
    void aGroupReadsOn() {
        String topic = createTopic(1);
        String group = Tool.unique("g");
        produce(topic, numbers(10)).ok();
        String[] settings = {"--group", group, "--from-beginning"};
        assertEquals(4, consume(topic, 4, settings).ok().lines().size());
        assertEquals(List.of("line 4", "line 5"), consume(topic, 2, settings).ok().lines());
    }

    @Test
    void offsetsByTime() {
        String topic = createTopic(3);
        produce(topic, numbers(9)).ok();
        int total = sum(offsets("--topic", topic, "--time", "latest").ok());
        assertEquals(9, total);
        assertEquals(0, sum(offsets("--topic", topic, "--time", "earliest").ok()));
        assertEquals(0, sum(offsets("--topic", topic, "--time", "1").ok()));
        var newest = offsets("--topic", topic, "--time", "max-timestamp").ok();
        assertTrue(newest.lines().stream().anyMatch(line -> line.startsWith(topic)), newest::toString);
        var one = offsets("--topic-partitions", topic + ":1", "--time", "-2").ok();
        assertEquals(List.of(topic + ":1:0"), one.lines());
    }

    private static int sum(Tool.Result result) {
        return result.lines().stream().mapToInt(line -> Integer.parseInt(line.split(":")[2])).sum();
    }

    @Test
    void unknownTopicsHaveNoOffsets() {
        assertEquals(1, offsets("--topic", Tool.unique("missing")).status());
    }
}
