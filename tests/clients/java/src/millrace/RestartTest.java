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
                Kit.eventually("the member to read all", () -> sent.equals(placesOf(member)));
            }
            try (var consumer = Kit.consumer(Kit.unique("g"), here)) {
                var partition = new TopicPartition(topic, 0);
                assertEquals(acknowledged.size(),
                    consumer.endOffsets(java.util.List.of(partition)).get(partition));
            }
        }
    }

    private static Map<Integer, Long> placesOf(Member member) {
        var places = new TreeMap<Integer, Long>();
        synchronized (member.records) {
            member.records.forEach(record -> places.put(Integer.parseInt(record.value()), record.offset()));
        }
        return places;
    }
}
