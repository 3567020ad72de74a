package millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Short forms of what the tests do with the Java client. */
final class Kit {
    static final String BOOTSTRAP = System.getenv("MILLRACE_TEST_BOOTSTRAP");
    static final Duration LIMIT = Duration.ofSeconds(45);

    /** Within the last week, or retention would take the records before they are read. */
    static final long BASE = System.currentTimeMillis() - 3_600_000;

    private Kit() {
    }

    static String unique(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 12);
    }

    static Admin admin(String... servers) {
        return Admin.create(Map.of("bootstrap.servers", servers.length == 0 ? BOOTSTRAP : servers[0]));
    }

    static <T> T get(Future<T> future) throws Exception {
        return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** The future fails with exactly this error. */
    static <E extends Throwable> E failsWith(Class<E> expected, Future<?> future) {
        var thrown = assertThrows(ExecutionException.class, () -> get(future));
        assertEquals(expected, thrown.getCause().getClass(), () -> "" + thrown.getCause());
        return expected.cast(thrown.getCause());
    }

    static String createTopic(Admin admin, int partitions, String... configs) throws Exception {
        var map = new HashMap<String, String>();
        for (String config : configs) {
            String[] pair = config.split("=", 2);
            map.put(pair[0], pair[1]);
        }
        String name = unique("java");
        get(admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(map))).all());
        eventually("leaders of " + name, () -> {
            var described = get(admin.describeTopics(List.of(name)).allTopicNames()).get(name);
            return described.partitions().size() == partitions
                && described.partitions().stream().allMatch(partition -> partition.leader() != null);
        });
        return name;
    }

    static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        var all = new HashMap<String, Object>(Map.of(
            "bootstrap.servers", BOOTSTRAP, "key.serializer", StringSerializer.class,
            "value.serializer", StringSerializer.class));
        all.putAll(settings);
        return new KafkaProducer<>(all);
    }

    /** Numbers as values in the one partition of a topic; all are acknowledged. */
    static List<RecordMetadata> fill(String topic, int count) throws Exception {
        try (var producer = producer(Map.of())) {
            return sendAll(producer, numbers(topic, count));
        }
    }

    static List<ProducerRecord<String, String>> numbers(String topic, int count) {
        var records = new ArrayList<ProducerRecord<String, String>>();
        for (int i = 0; i < count; i++) {
            records.add(new ProducerRecord<>(topic, 0, BASE + i * 1000L, "k" + i, Integer.toString(i)));
        }
        return records;
    }

    static List<RecordMetadata> sendAll(
            KafkaProducer<String, String> producer, List<ProducerRecord<String, String>> records) throws Exception {
        var futures = records.stream().map(producer::send).toList();
        producer.flush();
        var delivered = new ArrayList<RecordMetadata>();
        for (var future : futures) {
            delivered.add(get(future));
        }
        return delivered;
    }

    static KafkaConsumer<String, String> consumer(String group, Map<String, Object> settings) {
        var all = new HashMap<String, Object>(Map.of(
            "bootstrap.servers", BOOTSTRAP, "group.id", group, "auto.offset.reset", "earliest",
            "enable.auto.commit", "false", "session.timeout.ms", "6000", "heartbeat.interval.ms", "300",
            "fetch.max.wait.ms", "200", "metadata.max.age.ms", "1000",
            "key.deserializer", StringDeserializer.class, "value.deserializer", StringDeserializer.class));
        all.putAll(settings);
        return new KafkaConsumer<>(all);
    }

    static KafkaConsumer<String, String> consumer() {
        return consumer(unique("g"), Map.of());
    }

    static List<ConsumerRecord<String, String>> take(Consumer<String, String> consumer, int count) throws Exception {
        var records = new ArrayList<ConsumerRecord<String, String>>();
        eventually(count + " records", () -> {
            consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            return records.size() >= count;
        });
        return records;
    }

    static List<String> values(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }

    static List<ConsumerRecord<String, String>> readFrom(String topic, long offset, int count) throws Exception {
        try (var consumer = consumer()) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, offset);
            return take(consumer, count);
        }
    }

    static void eventually(String what, Callable<Boolean> probe) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        Optional<Exception> reason = Optional.empty();
        do {
            try {
                if (probe.call()) {
                    return;
                }
            } catch (ExecutionException notYet) {
                reason = Optional.of(notYet);
            }
            Thread.sleep(50);
        } while (System.nanoTime() < end);
        throw new AssertionError("waited " + LIMIT + " for " + what, reason.orElse(null));
    }

    static <T> T only(Iterable<T> items) {
        return items.iterator().next();
    }

    static <K, T> T only(Map<K, KafkaFuture<T>> futures) throws Exception {
        return get(only(futures.values()));
    }
}
