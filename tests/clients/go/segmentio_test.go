package clients

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

type ctx = context.Context

func writer(topic string, codec kafka.Compression, acks kafka.RequiredAcks) *kafka.Writer {
	return &kafka.Writer{
		Addr: kafka.TCP(bootstrap()), Topic: topic, Compression: codec, RequiredAcks: acks,
		BatchTimeout: 5 * time.Millisecond, AllowAutoTopicCreation: true,
	}
}

func TestSegmentioEveryCodecAndAcks(t *testing.T) {
	adm := admin(t)
	for _, codec := range []kafka.Compression{0, kafka.Gzip, kafka.Snappy, kafka.Lz4, kafka.Zstd} {
		for _, acks := range []kafka.RequiredAcks{kafka.RequireAll, kafka.RequireOne, kafka.RequireNone} {
			t.Run(fmt.Sprint(codec, "/", acks), func(t *testing.T) {
				t.Parallel()
				topic := createTopic(t, adm, 1, nil)
				to := writer(topic, codec, acks)
				messages := make([]kafka.Message, 100)
				for i := range messages {
					messages[i] = kafka.Message{Key: []byte("k"), Value: fmt.Append(nil, i),
						Headers: []kafka.Header{{Key: "h", Value: []byte("v")}}}
				}
				must(t, to.WriteMessages(bounded(t), messages...))
				must(t, to.Close())
				reader := kafka.NewReader(kafka.ReaderConfig{
					Brokers: []string{bootstrap()}, Topic: topic, MaxWait: 200 * time.Millisecond})
				defer reader.Close()
				for i := range messages {
					message, err := reader.ReadMessage(bounded(t))
					must(t, err)
					equal(t, "value", string(message.Value), fmt.Sprint(i))
					equal(t, "header", string(message.Headers[0].Value), "v")
				}
			})
		}
	}
}

func TestSegmentioReadsFromOffsetsAndTimes(t *testing.T) {
	t.Parallel()
	topic := createTopic(t, admin(t), 1, nil)
	send(t, client(t), topic, 10)
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{bootstrap()}, Topic: topic, MaxWait: 200 * time.Millisecond})
	defer reader.Close()
	for place, set := range map[int64]func() error{
		7: func() error { return reader.SetOffset(7) },
		0: func() error { return reader.SetOffset(kafka.FirstOffset) },
		5: func() error { return reader.SetOffsetAt(bounded(t), base.Add(4500*time.Millisecond)) },
	} {
		must(t, set())
		message, err := reader.ReadMessage(bounded(t))
		must(t, err)
		equal(t, "offset", message.Offset, place)
	}
}

func TestSegmentioGroupsReadOn(t *testing.T) {
	t.Parallel()
	topic, group := createTopic(t, admin(t), 2, nil), unique("g")
	to := writer(topic, 0, kafka.RequireAll)
	for i := range 10 {
		must(t, to.WriteMessages(bounded(t), kafka.Message{Value: fmt.Append(nil, i)}))
	}
	must(t, to.Close())
	seen := map[string]int{}
	for _, count := range []int{4, 6} {
		reader := kafka.NewReader(kafka.ReaderConfig{
			Brokers: []string{bootstrap()}, Topic: topic, GroupID: group, StartOffset: kafka.FirstOffset,
			MaxWait: 200 * time.Millisecond, HeartbeatInterval: 300 * time.Millisecond,
			SessionTimeout: 6 * time.Second, RebalanceTimeout: 6 * time.Second})
		for range count {
			message, err := reader.FetchMessage(bounded(t))
			must(t, err)
			must(t, reader.CommitMessages(bounded(t), message))
			seen[string(message.Value)]++
		}
		must(t, reader.Close())
	}
	equal(t, "distinct records", len(seen), 10)
}

func TestSegmentioSurvivesRestarts(t *testing.T) {
	for _, way := range []string{"stop", "kill"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			own := ownBroker(t, "log.flush.interval.messages=1")
			topic := createTopic(t, admin(t, own.bootstrap), 1, nil)
			to := writer(topic, 0, kafka.RequireAll)
			to.Addr, to.MaxAttempts = kafka.TCP(own.bootstrap), 1000
			reader := kafka.NewReader(kafka.ReaderConfig{
				Brokers: []string{own.bootstrap}, Topic: topic, GroupID: unique("g"), StartOffset: kafka.FirstOffset,
				MaxWait: 200 * time.Millisecond, HeartbeatInterval: 300 * time.Millisecond,
				SessionTimeout: 6 * time.Second, RebalanceTimeout: 6 * time.Second})
			defer reader.Close()
			// It knows no idempotence: what it sends again after a restart may be there twice.
			seen := map[string]bool{}
			for i := range 40 {
				if i == 20 {
					own.do(way)
					own.do("resume")
				}
				must(t, to.WriteMessages(bounded(t), kafka.Message{Value: fmt.Append(nil, i)}))
				for !seen[fmt.Sprint(i)] {
					message, err := reader.FetchMessage(bounded(t))
					must(t, err)
					seen[string(message.Value)] = true
				}
			}
			must(t, to.Close())
			equal(t, "distinct records", len(seen), 40)
		})
	}
}

func TestSegmentioTalksToOneConnection(t *testing.T) {
	t.Parallel()
	topic := unique("seg")
	conn, err := kafka.DialContext(bounded(t), "tcp", bootstrap())
	must(t, err)
	defer conn.Close()
	must(t, conn.CreateTopics(kafka.TopicConfig{Topic: topic, NumPartitions: 2, ReplicationFactor: 1}))
	eventually(t, "the partitions", func() bool {
		partitions, err := conn.ReadPartitions(topic)
		return err == nil && len(partitions) == 2
	})
	controller, err := conn.Controller()
	must(t, err)
	equal(t, "the controller", controller.ID, 1)
	versions, err := conn.ApiVersions()
	must(t, err)
	equal(t, "some APIs", len(versions) > 10, true)

	leader, err := kafka.DialLeader(bounded(t), "tcp", bootstrap(), topic, 1)
	must(t, err)
	defer leader.Close()
	must(t, leader.SetDeadline(time.Now().Add(limit)))
	_, err = leader.WriteMessages(kafka.Message{Value: []byte("a")}, kafka.Message{Value: []byte("b")})
	must(t, err)
	first, last, err := leader.ReadOffsets()
	must(t, err)
	equal(t, "first", first, 0)
	equal(t, "last", last, 2)
	batch := leader.ReadBatch(1, 1_000_000)
	for _, want := range []string{"a", "b"} {
		message, err := batch.ReadMessage()
		must(t, err)
		equal(t, "value", string(message.Value), want)
	}
	if err := batch.Close(); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	must(t, conn.DeleteTopics(topic))
}
