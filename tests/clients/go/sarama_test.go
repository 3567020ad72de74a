package clients

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
)

func saramaConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.V4_0_0_0
	config.Producer.Return.Successes = true
	config.Consumer.Return.Errors = true
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Group.Session.Timeout = 6 * time.Second
	config.Consumer.Group.Heartbeat.Interval = 300 * time.Millisecond
	config.Consumer.Group.Rebalance.Timeout = 6 * time.Second
	config.Consumer.MaxWaitTime = 200 * time.Millisecond
	config.Metadata.RefreshFrequency = time.Second
	return config
}

func saramaSend(t *testing.T, config *sarama.Config, messages ...*sarama.ProducerMessage) {
	t.Helper()
	producer, err := sarama.NewSyncProducer([]string{bootstrap()}, config)
	must(t, err)
	defer producer.Close()
	must(t, producer.SendMessages(messages))
}

func saramaNumbers(topic string, count int) []*sarama.ProducerMessage {
	messages := make([]*sarama.ProducerMessage, count)
	for i := range messages {
		messages[i] = &sarama.ProducerMessage{
			Topic: topic, Value: sarama.StringEncoder(fmt.Sprint(i)),
			Timestamp: base.Add(time.Duration(i) * time.Second)}
	}
	return messages
}

func saramaRead(t *testing.T, topic string, offset int64, count int) []*sarama.ConsumerMessage {
	t.Helper()
	consumer, err := sarama.NewConsumer([]string{bootstrap()}, saramaConfig())
	must(t, err)
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, offset)
	must(t, err)
	defer partition.Close()
	var messages []*sarama.ConsumerMessage
	for deadline := time.After(limit); len(messages) < count; {
		select {
		case message := <-partition.Messages():
			messages = append(messages, message)
		case failed := <-partition.Errors():
			t.Fatal(failed)
		case <-deadline:
			t.Fatalf("got %d of %d messages", len(messages), count)
		}
	}
	return messages
}

func TestSaramaEveryCodecAndAcks(t *testing.T) {
	adm := admin(t)
	for _, codec := range []sarama.CompressionCodec{
		sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy,
		sarama.CompressionLZ4, sarama.CompressionZSTD,
	} {
		for _, acks := range []sarama.RequiredAcks{sarama.WaitForAll, sarama.WaitForLocal, sarama.NoResponse} {
			t.Run(fmt.Sprint(codec, "/", acks), func(t *testing.T) {
				t.Parallel()
				topic := createTopic(t, adm, 1, nil)
				config := saramaConfig()
				config.Producer.Compression, config.Producer.RequiredAcks = codec, acks
				saramaSend(t, config, saramaNumbers(topic, 100)...)
				for i, message := range saramaRead(t, topic, sarama.OffsetOldest, 100) {
					equal(t, "value", string(message.Value), fmt.Sprint(i))
					equal(t, "offset", message.Offset, int64(i))
				}
			})
		}
	}
}

func TestSaramaIsIdempotent(t *testing.T) {
	t.Parallel()
	topic := createTopic(t, admin(t), 1, nil)
	config := saramaConfig()
	config.Producer.Idempotent, config.Net.MaxOpenRequests = true, 1
	config.Producer.RequiredAcks, config.Producer.Flush.MaxMessages = sarama.WaitForAll, 5
	saramaSend(t, config, saramaNumbers(topic, 200)...)
	equal(t, "the last", string(saramaRead(t, topic, 199, 1)[0].Value), "199")
}

func TestSaramaRecordsKeepEverything(t *testing.T) {
	t.Parallel()
	topic := createTopic(t, admin(t), 1, nil)
	saramaSend(t, saramaConfig(), &sarama.ProducerMessage{
		Topic: topic, Key: sarama.StringEncoder("k"), Value: nil, Timestamp: base,
		Headers: []sarama.RecordHeader{{Key: []byte("a"), Value: []byte("1")}, {Key: []byte("a"), Value: nil}}})
	message := saramaRead(t, topic, 0, 1)[0]
	equal(t, "key", string(message.Key), "k")
	equal(t, "null value", message.Value == nil, true)
	equal(t, "timestamp", message.Timestamp.UnixMilli(), base.UnixMilli())
	equal(t, "headers", len(message.Headers), 2)
}

func TestSaramaFindsOffsets(t *testing.T) {
	t.Parallel()
	topic := createTopic(t, admin(t), 1, nil)
	saramaSend(t, saramaConfig(), saramaNumbers(topic, 10)...)
	client, err := sarama.NewClient([]string{bootstrap()}, saramaConfig())
	must(t, err)
	defer client.Close()
	for time, want := range map[int64]int64{
		sarama.OffsetOldest: 0, sarama.OffsetNewest: 10, base.Add(4500 * time.Millisecond).UnixMilli(): 5,
	} {
		found, err := client.GetOffset(topic, 0, time)
		must(t, err)
		equal(t, "offset", found, want)
	}
}

// collector is a group member that marks what it sees, one generation after the other.
type collector struct {
	mutex sync.Mutex
	seen  map[string]int
	owned int
}

func (c *collector) Setup(session sarama.ConsumerGroupSession) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.owned = 0
	for _, partitions := range session.Claims() {
		c.owned += len(partitions)
	}
	return nil
}

func (c *collector) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (c *collector) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		c.mutex.Lock()
		c.seen[string(message.Value)]++
		c.mutex.Unlock()
		session.MarkMessage(message, "")
	}
	return nil
}

func (c *collector) state() (seen, owned int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.seen), c.owned
}

func saramaJoin(t *testing.T, servers, group, topic string) (*collector, func()) {
	t.Helper()
	member, err := sarama.NewConsumerGroup([]string{servers}, group, saramaConfig())
	must(t, err)
	collected := &collector{seen: map[string]int{}}
	var ended sync.WaitGroup
	ended.Go(func() {
		for range member.Errors() {
		}
	})
	ended.Go(func() {
		for !errors.Is(member.Consume(t.Context(), []string{topic}, collected), sarama.ErrClosedConsumerGroup) {
		}
	})
	leave := sync.OnceFunc(func() {
		member.Close()
		ended.Wait()
	})
	t.Cleanup(leave)
	return collected, leave
}

func TestSaramaGroups(t *testing.T) {
	t.Parallel()
	topic, group := createTopic(t, admin(t), 4, nil), unique("g")
	holds := func(c *collector, partitions int) func() bool {
		return func() bool {
			_, owned := c.state()
			return owned == partitions
		}
	}
	first, leave := saramaJoin(t, bootstrap(), group, topic)
	eventually(t, "all partitions", holds(first, 4))
	second, _ := saramaJoin(t, bootstrap(), group, topic)
	eventually(t, "half of them", holds(first, 2))
	eventually(t, "the other half", holds(second, 2))
	leave()
	eventually(t, "all of them again", holds(second, 4))
	saramaSend(t, saramaConfig(), saramaNumbers(topic, 40)...)
	eventually(t, "all records", func() bool {
		seen, _ := second.state()
		return seen == 40
	})
}

func TestSaramaSurvivesRestarts(t *testing.T) {
	for _, way := range []string{"stop", "kill"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			own := ownBroker(t, "log.flush.interval.messages=1")
			topic := createTopic(t, admin(t, own.bootstrap), 1, nil)
			reader, _ := saramaJoin(t, own.bootstrap, unique("g"), topic)
			config := saramaConfig()
			config.Producer.Idempotent, config.Net.MaxOpenRequests = true, 1
			config.Producer.RequiredAcks = sarama.WaitForAll
			config.Producer.Retry.Max = 1000
			producer, err := sarama.NewSyncProducer([]string{own.bootstrap}, config)
			must(t, err)
			defer producer.Close()
			for i, message := range saramaNumbers(topic, 40) {
				if i == 20 {
					own.do(way)
					own.do("resume")
				}
				_, offset, err := producer.SendMessage(message)
				must(t, err)
				equal(t, "offset", offset, int64(i))
			}
			eventually(t, "all records", func() bool {
				seen, _ := reader.state()
				return seen == 40
			})
		})
	}
}

func TestSaramaAdministers(t *testing.T) {
	t.Parallel()
	adm, err := sarama.NewClusterAdmin([]string{bootstrap()}, saramaConfig())
	must(t, err)
	defer adm.Close()
	topic, retention := unique("sarama"), "1000000"
	detail := &sarama.TopicDetail{
		NumPartitions: 2, ReplicationFactor: 1, ConfigEntries: map[string]*string{"retention.ms": &retention}}
	must(t, adm.CreateTopic(topic, detail, false))
	equal(t, "created twice", errors.Is(adm.CreateTopic(topic, detail, false), sarama.ErrTopicAlreadyExists), true)
	must(t, adm.CreatePartitions(topic, 4, nil, false))
	eventually(t, "four partitions", func() bool {
		described, err := adm.DescribeTopics([]string{topic})
		return err == nil && len(described[0].Partitions) == 4
	})
	topics, err := adm.ListTopics()
	must(t, err)
	equal(t, "its retention", *topics[topic].ConfigEntries["retention.ms"], retention)
	forever := "-1"
	must(t, adm.IncrementalAlterConfig(sarama.TopicResource, topic, map[string]sarama.IncrementalAlterConfigsEntry{
		"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &forever}}, false))
	eventually(t, "the change", func() bool {
		configs, err := adm.DescribeConfig(sarama.ConfigResource{
			Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}})
		return err == nil && configs[0].Value == forever
	})
	brokers, controller, err := adm.DescribeCluster()
	must(t, err)
	equal(t, "brokers", len(brokers), 1)
	equal(t, "controller", controller, 1)
	directories, err := adm.DescribeLogDirs([]int32{1})
	must(t, err)
	equal(t, "directories", len(directories[1]), 1)
	must(t, adm.DeleteTopic(topic))
}
