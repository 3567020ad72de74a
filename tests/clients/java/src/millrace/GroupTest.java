package millrace;

import static millrace.Kit.createTopic;
import static millrace.Kit.eventually;
import static millrace.Kit.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of Java consumers, and what an admin sees and does to them. */
class GroupTest {
    private static final Admin ADMIN = Kit.admin();
    private static final String PACKAGE = "org.apache.kafka.clients.consumer.";

    @AfterAll
    static void close() {
        ADMIN.close();
    }

    private static ConsumerGroupDescription describe(String group) throws Exception {
        return Kit.only(ADMIN.describeConsumerGroups(List.of(group)).describedGroups());
    }

    private static void becomes(String group, GroupState state) throws Exception {
        eventually(group + " " + state, () -> describe(group).groupState() == state);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"})
    void threeMembersComeAndGo(String assignor) throws Exception {
        String topic = createTopic(ADMIN, 6);
        String group = Kit.unique("g");
        Map<String, Object> settings = Map.of("partition.assignment.strategy", PACKAGE + assignor);
        try (var first = new Member(group, topic, settings)) {
            Member.settled(topic, 6, first);
            try (var second = new Member(group, topic, settings)) {
                Member.settled(topic, 6, first, second);
                try (var third = new Member(group, topic, settings)) {
                    Member.settled(topic, 6, first, second, third);
                }
                Member.settled(topic, 6, first, second);
            }
            Member.settled(topic, 6, first);
        }
        becomes(group, GroupState.EMPTY);
    }

    @Test
    void aCooperativeRebalanceRevokesOnlyWhatMoves() throws Exception {
        String topic = createTopic(ADMIN, 6);
        String group = Kit.unique("g");
        Map<String, Object> settings =
            Map.of("partition.assignment.strategy", PACKAGE + "CooperativeStickyAssignor");
        try (var first = new Member(group, topic, settings)) {
            Member.settled(topic, 6, first);
            try (var second = new Member(group, topic, settings)) {
                Member.settled(topic, 6, first, second);
                assertEquals(1, first.events.stream().filter("revoked"::equals).count());
                assertEquals(3, first.owned.size());
            }
        }
    }

    @Test
    void membersThatDisagreeOnTheProtocolAreKeptApart() throws Exception {
        String topic = createTopic(ADMIN, 1);
        String group = Kit.unique("g");
        Map<String, Object> range = Map.of("partition.assignment.strategy", PACKAGE + "RangeAssignor");
        Map<String, Object> sticky = Map.of("partition.assignment.strategy", PACKAGE + "StickyAssignor");
        try (var first = new Member(group, topic, range)) {
            Member.settled(topic, 1, first);
            try (var stranger = new Member(group, topic, sticky)) {
                eventually("the stranger to be refused", () -> !stranger.errors.isEmpty());
                assertEquals("InconsistentGroupProtocolException",
                    stranger.errors.get(0).getClass().getSimpleName());
            }
        }
    }

    @Test
    void aMemberThatStopsPollingLosesItsPartitions() throws Exception {
        String topic = createTopic(ADMIN, 4);
        String group = Kit.unique("g");
        Map<String, Object> settings = Map.of("max.poll.interval.ms", 6000);
        try (var silent = new Member(group, topic, settings); var alive = new Member(group, topic, settings)) {
            Member.settled(topic, 4, silent, alive);
            silent.stall();
            Member.settled(topic, 4, alive);
        }
    }

    @Test
    void staticMembersReturnToWhatTheyHad() throws Exception {
        String topic = createTopic(ADMIN, 4);
        String group = Kit.unique("g");
        Map<String, Object> one = Map.of("group.instance.id", "one", "session.timeout.ms", 30000);
        Map<String, Object> two = Map.of("group.instance.id", "two", "session.timeout.ms", 30000);
        try (var first = new Member(group, topic, one)) {
            Set<TopicPartition> had;
            try (var second = new Member(group, topic, two)) {
                Member.settled(topic, 4, first, second);
                had = Set.copyOf(second.owned);
            }
            long rebalances = first.events.size();
            try (var again = new Member(group, topic, two)) {
                eventually("the same partitions", () -> again.owned.equals(had));
                assertEquals(rebalances, first.events.size());
            }
        }
    }

    @Test
    void aStaticMemberIsFencedByItsDouble() throws Exception {
        String topic = createTopic(ADMIN, 1);
        String group = Kit.unique("g");
        Map<String, Object> same = Map.of("group.instance.id", "same");
        try (var first = new Member(group, topic, same)) {
            Member.settled(topic, 1, first);
            try (var second = new Member(group, topic, same)) {
                Member.settled(topic, 1, second);
                eventually("the first to be told", () -> !first.errors.isEmpty());
                assertEquals(FencedInstanceIdException.class, first.errors.get(0).getClass());
            }
        }
    }

    @Test
    void anAdminRemovesMembers() throws Exception {
        String topic = createTopic(ADMIN, 2);
        String group = Kit.unique("g");
        Map<String, Object> settings = Map.of("group.instance.id", "gone", "session.timeout.ms", 60000);
        try (var member = new Member(group, topic, settings)) {
            Member.settled(topic, 2, member);
        }
        // A static member that closes stays a member until its session ends.
        assertEquals(1, describe(group).members().size());
        var unknown = ADMIN.removeMembersFromConsumerGroup(group,
            new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("nobody"))));
        Kit.failsWith(UnknownMemberIdException.class, unknown.memberResult(new MemberToRemove("nobody")));
        get(ADMIN.removeMembersFromConsumerGroup(group,
            new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("gone")))).all());
        becomes(group, GroupState.EMPTY);
    }

    @Test
    void aLiveGroupIsDescribedAndListed() throws Exception {
        String topic = createTopic(ADMIN, 3);
        String group = Kit.unique("g");
        try (var member = new Member(group, topic, Map.of("client.id", "known", "client.rack", "r1"))) {
            Member.settled(topic, 3, member);
            becomes(group, GroupState.STABLE);
            var description = describe(group);
            assertEquals("range", description.partitionAssignor());
            assertEquals(GroupType.CLASSIC, description.type());
            assertFalse(description.isSimpleConsumerGroup());
            assertEquals(1, description.coordinator().id());
            var only = Kit.only(description.members());
            assertEquals("known", only.clientId());
            assertEquals(3, only.assignment().topicPartitions().size());
            var stable = get(ADMIN.listGroups(new ListGroupsOptions()
                .inGroupStates(Set.of(GroupState.STABLE)).withTypes(Set.of(GroupType.CLASSIC))).all());
            assertTrue(stable.stream().anyMatch(listing -> listing.groupId().equals(group)));
            var empty = get(ADMIN.listGroups(new ListGroupsOptions().inGroupStates(Set.of(GroupState.EMPTY))).all());
            assertFalse(empty.stream().anyMatch(listing -> listing.groupId().equals(group)));
            Kit.failsWith(GroupNotEmptyException.class, ADMIN.deleteConsumerGroups(List.of(group)).all());
            var held = ADMIN.deleteConsumerGroupOffsets(group, Set.of(new TopicPartition(topic, 0)));
            Kit.failsWith(GroupSubscribedToTopicException.class, held.partitionResult(new TopicPartition(topic, 0)));
        }
    }

    @Test
    void offsetsOfAnIdleGroupAreAlteredListedAndDeleted() throws Exception {
        String topic = createTopic(ADMIN, 3);
        String group = Kit.unique("g");
        var zero = new TopicPartition(topic, 0);
        var two = new TopicPartition(topic, 2);
        get(ADMIN.alterConsumerGroupOffsets(group, Map.of(
            zero, new OffsetAndMetadata(4, "four"), two, new OffsetAndMetadata(6))).all());
        var listed = get(ADMIN.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        assertEquals(Set.of(zero, two), new HashSet<>(listed.keySet()));
        assertEquals("four", listed.get(zero).metadata());
        get(ADMIN.deleteConsumerGroupOffsets(group, Set.of(zero)).all());
        listed = get(ADMIN.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        assertEquals(Set.of(two), listed.keySet());
        get(ADMIN.deleteConsumerGroups(List.of(group)).all());
        Kit.failsWith(GroupIdNotFoundException.class, ADMIN.deleteConsumerGroups(List.of(group)).all());
        Kit.failsWith(GroupIdNotFoundException.class,
            ADMIN.describeConsumerGroups(List.of(group)).describedGroups().get(group));
    }
}
