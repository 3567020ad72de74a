package millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that stops, or is killed, under an idempotent producer and a group. */
class RestartTest {
    @ParameterizedTest
    @ValueSource(strings = {"stop", "kill"})
    void nothingAcknowledgedIsLostOrDoubled(String way) throws Exception {
        try (var broker = new OwnBroker("log.flush.interval.messages=1"); var admin = Kit.admin(broker.bootstrap)) {
            String topic = Kit.createTopic(admin, 1);
            var here = Map.<String, Object>of("bootstrap.servers", broker.bootstrap);
            var acknowledged = new ConcurrentHashMap<Integer, RecordMetadata>();
            var failures = new ConcurrentHashMap<Integer, Exception>();
            var ending = new AtomicBoolean();
            try (var member = new Member(Kit.unique("g"), topic, here)) {
                Member.settled(topic, 1, member);
                var sender = new Thread(() -> {
                    try (var producer = Kit.producer(here)) {
                        for (int i = 0; !ending.get(); i++) {
                            int number = i;
                            producer.send(new ProducerRecord<>(topic, "k", Integer.toString(i)), (metadata, error) -> {
                                if (error == null) {
                                    acknowledged.put(number, metadata);
                                } else {
                                    failures.put(number, error);
                                }
                            });
                            Thread.sleep(1);
                        }
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                    }
                });
                sender.start();
                for (int round = 0; round < 2; round++) {
                    int before = acknowledged.size();
                    Kit.eventually("progress", () -> acknowledged.size() > before + 100);
                    if (way.equals("stop")) {
                        broker.stop();
                    } else {
                        broker.kill();
                    }
                    broker.resume();
                }
                int before = acknowledged.size();
                Kit.eventually("progress", () -> acknowledged.size() > before + 100);
                ending.set(true);
                sender.join();
                assertTrue(failures.isEmpty(), failures::toString);
                // After a restart a member may begin anew: what counts is where each record stood.
                var sent = new TreeMap<Integer, Long>();
                acknowledged.forEach((number, metadata) -> sent.put(number, metadata.offset()));
                try {
                    Kit.eventually("the member to read all", () -> agree(sent, placesOf(member)));
                } catch (AssertionError late) {
                    throw new AssertionError(difference(sent, placesOf(member), member), late);
                }
            }
            try (var consumer = Kit.consumer(Kit.unique("g"), here)) {
                var partition = new TopicPartition(topic, 0);
                assertEquals(acknowledged.size(),
                    consumer.endOffsets(java.util.List.of(partition)).get(partition));
            }
        }
    }

    /**
     * Whether every record was read where it was acknowledged. A broker that was restarted knows of each producer its
     * last batch only: an earlier one that is sent again is acknowledged without an offset.
     */
    private static boolean agree(Map<Integer, Long> sent, Map<Integer, Long> read) {
        return sent.keySet().equals(read.keySet())
            && sent.entrySet().stream().allMatch(e -> e.getValue() < 0 || e.getValue().equals(read.get(e.getKey())));
    }

    /** What a failed run has to say: the first record that stands elsewhere, and what the member lived through. */
    private static String difference(Map<Integer, Long> sent, Map<Integer, Long> read, Member member) {
        var numbers = new java.util.TreeSet<>(sent.keySet());
        numbers.addAll(read.keySet());
        var first = numbers.stream().filter(n -> !java.util.Objects.equals(sent.get(n), read.get(n))).findFirst();
        return "sent " + sent.size() + ", read " + read.size() + ", first difference "
            + first.map(n -> n + ": sent to " + sent.get(n) + ", read at " + read.get(n)).orElse("none")
            + ", member " + member.events + " " + member.errors;
    }

    private static Map<Integer, Long> placesOf(Member member) {
        var places = new TreeMap<Integer, Long>();
        synchronized (member.records) {
            member.records.forEach(record -> places.put(Integer.parseInt(record.value()), record.offset()));
        }
        return places;
    }
}
