package millrace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** A group member that polls in a thread of its own until it is closed. */
final class Member implements AutoCloseable {
    final Set<TopicPartition> owned = ConcurrentHashMap.newKeySet();
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<ConsumerRecord<String, String>> records = Collections.synchronizedList(new ArrayList<>());
    final List<Exception> errors = new CopyOnWriteArrayList<>();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final AtomicBoolean stalled = new AtomicBoolean();
    private final Thread thread;

    Member(String group, String topic, Map<String, Object> settings) {
        thread = new Thread(() -> run(group, topic, settings), "member");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(String group, String topic, Map<String, Object> settings) {
        try (var consumer = Kit.consumer(group, settings)) {
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    events.add("assigned");
                    owned.addAll(partitions);
                }

                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                    events.add("revoked");
                    owned.removeAll(partitions);
                }

                @Override
                public void onPartitionsLost(Collection<TopicPartition> partitions) {
                    events.add("lost");
                    owned.removeAll(partitions);
                }
            });
            while (!ending.get()) {
                if (stalled.get()) {
                    Thread.sleep(50);
                } else {
                    consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                }
            }
        } catch (Exception failed) {
            errors.add(failed);
        }
    }

    /** Goes on living, but stops polling: its heartbeats end by max.poll.interval.ms. */
    void stall() {
        stalled.set(true);
    }

    @Override
    public void close() throws InterruptedException {
        ending.set(true);
        thread.join(Kit.LIMIT.toMillis());
    }

    /** Waits until the members own every partition of the topic once, as evenly as can be. */
    static void settled(String topic, int partitions, Member... members) throws Exception {
        Kit.eventually(partitions + " partitions with " + members.length + " members", () -> {
            var all = new HashSet<TopicPartition>();
            int total = 0;
            for (Member member : members) {
                var owned = Set.copyOf(member.owned);
                if (owned.size() < partitions / members.length) {
                    return false;
                }
                total += owned.size();
                all.addAll(owned);
            }
            return total == partitions && all.size() == partitions;
        });
    }
}
