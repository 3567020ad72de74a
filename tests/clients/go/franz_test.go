package clients

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestFranzEveryCodecAndAcks(t *testing.T) {
	adm := admin(t)
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	for codec, compression := range codecs {
		for acks, options := range map[string][]kgo.Opt{
			"all":    {kgo.RequiredAcks(kgo.AllISRAcks())},
			"leader": {kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()},
			"none":   {kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite()},
		} {
			t.Run(codec+"/"+acks, func(t *testing.T) {
				t.Parallel()
				topic := createTopic(t, adm, 1, nil)
				send(t, client(t, append(options, kgo.ProducerBatchCompression(compression))...), topic, 200)
				for i, record := range take(t, client(t, kgo.ConsumeTopics(topic)), 200) {
					equal(t, "value", string(record.Value), fmt.Sprint(i))
					equal(t, "offset", record.Offset, int64(i))
				}
			})
		}
	}
}

func TestFranzRecordsKeepEverything(t *testing.T) {
	t.Parallel()
	topic := createTopic(t, admin(t), 1, nil)
	sent := []*kgo.Record{
		{Topic: topic, Key: []byte("k"), Value: nil, Timestamp: base, Headers: []kgo.RecordHeader{
			{Key: "a", Value: []byte("1")}, {Key: "a", Value: nil}, {Key: "", Value: []byte{}}}},
		{Topic: topic, Key: nil, Value: []byte{}, Timestamp: base},
	}
	must(t, client(t).ProduceSync(bounded(t), sent...).FirstErr())
	read := take(t, client(t, kgo.ConsumeTopics(topic)), 2)
	equal(t, "key", string(read[0].Key), "k")
	equal(t, "null value", read[0].Value == nil, true)
	equal(t, "headers", fmt.Sprint(read[0].Headers), fmt.Sprint(sent[0].Headers))
	equal(t, "timestamp", read[0].Timestamp.UnixMilli(), base.UnixMilli())
	equal(t, "null key", read[1].Key == nil, true)
	equal(t, "empty value", read[1].Value != nil && len(read[1].Value) == 0, true)
	equal(t, "leader epoch", read[0].LeaderEpoch >= 0, true)
}

func TestFranzStartsWhereItIsTold(t *testing.T) {
	t.Parallel()
	topic := createTopic(t, admin(t), 1, nil)
	send(t, client(t), topic, 10)
	for name, each := range map[string]struct {
		at    kgo.Offset
		first int64
	}{
		"start":       {kgo.NewOffset().AtStart(), 0},
		"exact":       {kgo.NewOffset().At(7), 7},
		"before end":  {kgo.NewOffset().AtEnd().Relative(-3), 7},
		"after milli": {kgo.NewOffset().AfterMilli(base.Add(4500 * time.Millisecond).UnixMilli()), 5},
	} {
		reader := client(t, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: each.at}}))
		equal(t, name, take(t, reader, 1)[0].Offset, each.first)
	}
}

func TestFranzPausesAndResumes(t *testing.T) {
	t.Parallel()
	topic := createTopic(t, admin(t), 2, nil)
	reader := client(t, kgo.ConsumeTopics(topic))
	reader.PauseFetchPartitions(map[string][]int32{topic: {1}})
	for partition := range int32(2) {
		record := &kgo.Record{Topic: topic, Partition: partition, Value: []byte("v")}
		must(t, client(t, kgo.RecordPartitioner(kgo.ManualPartitioner())).ProduceSync(bounded(t), record).FirstErr())
	}
	equal(t, "open partition", take(t, reader, 1)[0].Partition, 0)
	reader.ResumeFetchPartitions(map[string][]int32{topic: {1}})
	equal(t, "resumed partition", take(t, reader, 1)[0].Partition, 1)
}

func TestFranzRefusedRecords(t *testing.T) {
	t.Parallel()
	small := "2000"
	topic := createTopic(t, admin(t), 1, map[string]*string{"max.message.bytes": &small})
	record := &kgo.Record{Topic: topic, Value: make([]byte, 5000)}
	err := client(t, kgo.ProducerBatchCompression(kgo.NoCompression())).ProduceSync(bounded(t), record).FirstErr()
	equal(t, "too large", errors.Is(err, kerr.MessageTooLarge), true)
	unknown := client(t, kgo.UnknownTopicRetries(1))
	err = unknown.ProduceSync(bounded(t), &kgo.Record{Topic: unique("missing"), Value: []byte("v")}).FirstErr()
	equal(t, "unknown topic", errors.Is(err, kerr.UnknownTopicOrPartition), true)
}

func TestFranzMakesTopicsWhenAllowed(t *testing.T) {
	t.Parallel()
	record := &kgo.Record{Topic: unique("auto"), Value: []byte("v")}
	must(t, client(t, kgo.AllowAutoTopicCreation()).ProduceSync(bounded(t), record).FirstErr())
}

// members run until the test ends; owned counts the partitions of each.
type member struct {
	*kgo.Client
	mutex sync.Mutex
	owned map[int32]bool
	seen  map[string]bool
}

func join(t *testing.T, group, topic string, options ...kgo.Opt) *member {
	joined := &member{owned: map[int32]bool{}, seen: map[string]bool{}}
	note := func(held bool) func(assigned map[string][]int32) {
		return func(assigned map[string][]int32) {
			joined.mutex.Lock()
			defer joined.mutex.Unlock()
			for _, partition := range assigned[topic] {
				if held {
					joined.owned[partition] = true
				} else {
					delete(joined.owned, partition)
				}
			}
		}
	}
	joined.Client = client(t, append(options,
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.OnPartitionsAssigned(func(_ ctx, _ *kgo.Client, assigned map[string][]int32) { note(true)(assigned) }),
		kgo.OnPartitionsRevoked(func(_ ctx, _ *kgo.Client, revoked map[string][]int32) { note(false)(revoked) }),
		kgo.OnPartitionsLost(func(_ ctx, _ *kgo.Client, lost map[string][]int32) { note(false)(lost) }),
	)...)
	go func() {
		for !joined.poll() {
		}
	}()
	return joined
}

func (joined *member) poll() (closed bool) {
	fetches := joined.PollFetches(nil)
	joined.mutex.Lock()
	defer joined.mutex.Unlock()
	fetches.EachRecord(func(record *kgo.Record) { joined.seen[string(record.Value)] = true })
	return fetches.IsClientClosed()
}

func (joined *member) holds() int {
	joined.mutex.Lock()
	defer joined.mutex.Unlock()
	return len(joined.owned)
}

func settled(t *testing.T, shares []int, members ...*member) {
	t.Helper()
	eventually(t, fmt.Sprintf("shares of %v", shares), func() bool {
		for i, each := range members {
			if each.holds() != shares[i] {
				return false
			}
		}
		return true
	})
}

func TestFranzGroups(t *testing.T) {
	adm := admin(t)
	for name, balancer := range map[string]kgo.GroupBalancer{
		"cooperative": kgo.CooperativeStickyBalancer(), "sticky": kgo.StickyBalancer(),
		"range": kgo.RangeBalancer(), "round robin": kgo.RoundRobinBalancer(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			topic, group := createTopic(t, adm, 6, nil), unique("g")
			first := join(t, group, topic, kgo.Balancers(balancer))
			settled(t, []int{6}, first)
			second := join(t, group, topic, kgo.Balancers(balancer))
			settled(t, []int{3, 3}, first, second)
			third := join(t, group, topic, kgo.Balancers(balancer))
			settled(t, []int{2, 2, 2}, first, second, third)
			second.Close()
			settled(t, []int{3, 3}, first, third)
		})
	}
}

func TestFranzStaticMembersReturn(t *testing.T) {
	t.Parallel()
	topic, group := createTopic(t, admin(t), 4, nil), unique("g")
	options := func(id string) []kgo.Opt {
		return []kgo.Opt{kgo.InstanceID(id), kgo.SessionTimeout(30 * time.Second)}
	}
	first := join(t, group, topic, options("one")...)
	second := join(t, group, topic, options("two")...)
	settled(t, []int{2, 2}, first, second)
	second.Close()
	again := join(t, group, topic, options("two")...)
	settled(t, []int{2, 2}, first, again)
}

func TestFranzCommits(t *testing.T) {
	t.Parallel()
	adm := admin(t)
	topic, group := createTopic(t, adm, 1, nil), unique("g")
	send(t, client(t), topic, 10)
	options := []kgo.Opt{kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit()}
	reader := client(t, options...)
	must(t, reader.CommitRecords(bounded(t), take(t, reader, 10)[3]))
	reader.Close()
	equal(t, "the next record", take(t, client(t, options...), 1)[0].Offset, 4)
}

func TestFranzAdministersGroups(t *testing.T) {
	t.Parallel()
	adm := admin(t)
	topic, group := createTopic(t, adm, 2, nil), unique("g")
	live := join(t, group, topic)
	settled(t, []int{2}, live)
	eventually(t, "a stable group", func() bool {
		described, err := adm.DescribeGroups(bounded(t), group)
		return err == nil && described[group].State == "Stable" && len(described[group].Members) == 1
	})
	live.Close()
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: topic, Partition: 1, At: 5, LeaderEpoch: -1, Metadata: "note"})
	eventually(t, "an empty group", func() bool {
		return adm.CommitAllOffsets(bounded(t), group, offsets) == nil
	})
	fetched, err := adm.FetchOffsets(bounded(t), group)
	must(t, err)
	found, _ := fetched.Lookup(topic, 1)
	equal(t, "the offset", found.At, 5)
	equal(t, "the metadata", found.Metadata, "note")
	deleted, err := adm.DeleteGroup(bounded(t), group)
	must(t, errors.Join(err, deleted.Err))
	listed, err := adm.ListGroups(bounded(t))
	must(t, err)
	equal(t, "listed", listed[group].Group, "")
}

func TestFranzAdministersTopics(t *testing.T) {
	t.Parallel()
	adm := admin(t)
	retention := "1000000"
	topic := createTopic(t, adm, 1, map[string]*string{"retention.ms": &retention})
	grown, err := adm.UpdatePartitions(bounded(t), 3, topic)
	must(t, errors.Join(err, grown.Error()))
	eventually(t, "three partitions", func() bool {
		listed, err := adm.ListTopics(bounded(t), topic)
		return err == nil && len(listed[topic].Partitions) == 3
	})
	config := func(key string) string {
		described, err := adm.DescribeTopicConfigs(bounded(t), topic)
		must(t, err)
		for _, each := range described[0].Configs {
			if each.Key == key {
				return each.MaybeValue()
			}
		}
		return "missing"
	}
	equal(t, "retention", config("retention.ms"), retention)
	changed, err := adm.AlterTopicConfigs(bounded(t), []kadm.AlterConfig{{Op: kadm.DeleteConfig, Name: "retention.ms"}}, topic)
	must(t, err)
	must(t, changed[0].Err)
	eventually(t, "the default", func() bool { return config("retention.ms") == "604800000" })

	send(t, client(t, kgo.RecordPartitioner(kgo.ManualPartitioner())), topic, 10)
	until := kadm.Offsets{}
	until.Add(kadm.Offset{Topic: topic, Partition: 0, At: 4})
	cut, err := adm.DeleteRecords(bounded(t), until)
	must(t, errors.Join(err, cut.Error()))
	start, err := adm.ListStartOffsets(bounded(t), topic)
	must(t, err)
	first, _ := start.Lookup(topic, 0)
	equal(t, "the first offset", first.Offset, 4)

	directories, err := adm.DescribeAllLogDirs(bounded(t), nil)
	must(t, errors.Join(err, directories[1].Error()))
	equal(t, "bytes on disk", directories[1].Size() > 0, true)
	metadata, err := adm.BrokerMetadata(bounded(t))
	must(t, err)
	equal(t, "the controller", metadata.Controller, 1)

	deleted, err := adm.DeleteTopic(bounded(t), topic)
	must(t, errors.Join(err, deleted.Err))
	twice, err := adm.DeleteTopic(bounded(t), topic)
	equal(t, "deleted twice", errors.Is(errors.Join(err, twice.Err), kerr.UnknownTopicOrPartition), true)
}

func TestFranzSurvivesRestarts(t *testing.T) {
	for _, way := range []string{"stop", "kill"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			own := ownBroker(t, "log.flush.interval.messages=1")
			servers := kgo.SeedBrokers(own.bootstrap)
			topic := createTopic(t, admin(t, own.bootstrap), 1, nil)
			reader := join(t, unique("g"), topic, servers)
			settled(t, []int{1}, reader)
			writer := client(t, servers, kgo.RecordDeliveryTimeout(limit))
			for i := range 40 {
				if i == 20 {
					own.do(way)
					own.do("resume")
				}
				record := &kgo.Record{Topic: topic, Value: fmt.Append(nil, i)}
				must(t, writer.ProduceSync(bounded(t), record).FirstErr())
				equal(t, "offset", record.Offset, int64(i))
			}
			eventually(t, "all records", func() bool {
				reader.mutex.Lock()
				defer reader.mutex.Unlock()
				return len(reader.seen) == 40
			})
		})
	}
}
