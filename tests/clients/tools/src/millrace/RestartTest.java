package millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.apache.kafka.tools.ConsoleProducer;
import org.apache.kafka.tools.TopicCommand;
import org.apache.kafka.tools.consumer.ConsoleConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that stops, or is killed, between a kafka-console-producer and a kafka-console-consumer. */
class RestartTest {
    private static final int ROUNDS = 3;
    private static final int LINES = 50;

    @ParameterizedTest
    @ValueSource(strings = {"stop", "kill"})
    void linesComeThroughOnceAndInOrder(String way) throws Exception {
        String topic = Tool.unique("restarted");
        int all = 2 * ROUNDS * LINES;
        try (var broker = new OwnBroker("log.flush.interval.messages=1")) {
            String[] creation = {"--bootstrap-server", broker.bootstrap, "--create", "--topic", topic};
            Tool.run(TopicCommand::main, creation).ok();
            try (var producer = new ToolProcess(ConsoleProducer.class, broker.bootstrap, "--topic", topic,
                     // Its three retries would be over before the broker is back.
                     "--message-send-max-retries", "100000", "--command-property", "delivery.timeout.ms=60000");
                 var consumer = new ToolProcess(ConsoleConsumer.class, broker.bootstrap, "--topic", topic,
                     "--partition", "0", "--offset", "earliest", "--max-messages", Integer.toString(all))) {
                for (int round = 0; round < ROUNDS; round++) {
                    int written = 2 * round * LINES;
                    producer.write(lines(written, written + LINES));
                    Tool.eventually("the lines before", () -> consumer.printed().equals(lines(0, written + LINES)));
                    if (way.equals("stop")) {
                        broker.stop();
                    } else {
                        broker.kill();
                    }
                    producer.write(lines(written + LINES, written + 2 * LINES));
                    broker.resume();
                }
                producer.end().ok();
                assertEquals(lines(0, all), consumer.end().ok().out());
            }
        }
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
    }
}
