package millrace;

import static millrace.Tool.consume;
import static millrace.Tool.createTopic;
import static millrace.Tool.eventually;
import static millrace.Tool.groups;
import static millrace.Tool.produce;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.tools.GroupsCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** kafka-consumer-groups and kafka-groups. */
class GroupsTest {
    /** Read six of ten records, so there is something to describe and to reset. */
    private record Idle(String topic, String group) {
        static Idle make() {
            var idle = new Idle(createTopic(1), Tool.unique("g"));
            produce(idle.topic, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n").ok();
            consume(idle.topic, 6, "--group", idle.group, "--from-beginning").ok();
            eventually("the group to be empty", () ->
                groups("--describe", "--group", idle.group, "--state").ok().out().contains("Empty"));
            return idle;
        }

        long committed() {
            List<String> row = groups("--describe", "--group", group).ok().row(group, topic);
            return Long.parseLong(row.get(row.indexOf(topic) + 2));
        }

        Tool.Result reset(String... arguments) {
            String[] head = {"--group", group, "--topic", topic, "--reset-offsets"};
            return groups(java.util.stream.Stream.of(head, arguments)
                .flatMap(java.util.stream.Stream::of).toArray(String[]::new));
        }
    }

    /** A member that polls for as long as it is open. */
    private static final class Member implements AutoCloseable {
        private final AtomicBoolean ending = new AtomicBoolean();
        private final Thread thread;

        Member(String group, String topic) {
            thread = new Thread(() -> {
                try (var consumer = new KafkaConsumer<String, String>(Map.of(
                        "bootstrap.servers", Tool.BOOTSTRAP, "group.id", group, "client.id", "member",
                        "auto.offset.reset", "earliest", "session.timeout.ms", "6000",
                        "key.deserializer", StringDeserializer.class.getName(),
                        "value.deserializer", StringDeserializer.class.getName()))) {
                    consumer.subscribe(List.of(topic));
                    while (!ending.get()) {
                        consumer.poll(Duration.ofMillis(100));
                    }
                }
            });
            thread.start();
        }

        @Override
        public void close() throws InterruptedException {
            ending.set(true);
            thread.join();
        }
    }

    @Test
    void anIdleGroupIsListedAndDescribed() {
        Idle idle = Idle.make();
        assertTrue(groups("--list").ok().lines().contains(idle.group));
        List<String> listed = groups("--list", "--state").ok().row(idle.group);
        assertEquals("Empty", listed.get(listed.size() - 1));
        List<String> row = groups("--describe", "--group", idle.group).ok().row(idle.group, idle.topic);
        // partition, committed, end, lag
        assertEquals(List.of("0", "6", "10", "4"), row.subList(2, 6));
        assertTrue(groups("--describe", "--all-groups").ok().out().contains(idle.group));
    }

    @Test
    void aLiveGroupShowsItsMembers() throws InterruptedException {
        String topic = createTopic(4);
        String group = Tool.unique("g");
        try (var member = new Member(group, topic)) {
            eventually("a stable group", () ->
                groups("--describe", "--group", group, "--state").ok().out().contains("Stable"));
            List<String> state = groups("--describe", "--group", group, "--state").ok().row(group, "Stable");
            assertEquals("1", state.get(state.size() - 1));
            var members = groups("--describe", "--group", group, "--members", "--verbose").ok();
            assertTrue(members.out().contains("(0,1,2,3)") || members.out().contains(topic), members::toString);
            assertTrue(members.out().contains("member"), members::toString);
            assertTrue(groups("--list", "--state", "stable").ok().row(group).contains("Stable"));
            var refused = groups("--delete", "--group", group);
            assertTrue(refused.toString().contains("GroupNotEmptyException"), refused::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--to-earliest, , 0", "--to-latest, , 10", "--to-offset, 3, 3", "--shift-by, -2, 4",
        "--by-duration, PT10H, 0", "--to-current, , 6", "--to-offset, 99, 10",
    })
    void offsetsAreReset(String way, String value, long expected) {
        Idle idle = Idle.make();
        String[] dry = value == null ? new String[] {way, "--dry-run"} : new String[] {way, value, "--dry-run"};
        idle.reset(dry).ok();
        assertEquals(6, idle.committed());
        String[] wet = dry.clone();
        wet[wet.length - 1] = "--execute";
        idle.reset(wet).ok();
        assertEquals(expected, idle.committed());
    }

    @Test
    void offsetsAreResetFromAFile(@TempDir Path directory) {
        Idle idle = Idle.make();
        Path file = Tool.write(directory.resolve("plan.csv"), idle.topic + ",0,2\n");
        groups("--group", idle.group, "--reset-offsets", "--from-file", file.toString(), "--execute").ok();
        assertEquals(2, idle.committed());
    }

    @Test
    void offsetsAndGroupsAreDeleted() {
        Idle idle = Idle.make();
        groups("--delete-offsets", "--group", idle.group, "--topic", idle.topic).ok();
        assertTrue(!groups("--describe", "--group", idle.group).out().contains(idle.topic));
        Idle other = Idle.make();
        groups("--delete", "--group", other.group).ok();
        assertTrue(!groups("--list").ok().lines().contains(other.group));
    }

    @Test
    void anUnknownGroupIsSaidToBeMissing() {
        var described = groups("--describe", "--group", Tool.unique("missing"));
        assertTrue(described.toString().contains("GroupIdNotFoundException"), described::toString);
    }

    @Test
    void groupsOfEveryTypeAreListed() {
        Idle idle = Idle.make();
        List<String> row = Tool.admin(GroupsCommand::main, "--list").ok().row(idle.group);
        assertEquals(List.of("Classic", "consumer"), row.subList(1, 3));
    }
}
