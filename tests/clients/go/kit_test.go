// Package clients judges the broker under test with franz-go, segmentio/kafka-go and sarama.
package clients

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const limit = 45 * time.Second

// Within the last week, or retention would take the records before they are read.
var base = time.Now().Add(-time.Hour).Truncate(time.Millisecond)

func bootstrap() string { return os.Getenv("MILLRACE_TEST_BOOTSTRAP") }

func unique(prefix string) string {
	var bytes [6]byte
	if _, err := rand.Read(bytes[:]); err != nil {
		panic(err)
	}
	return prefix + "-" + hex.EncodeToString(bytes[:])
}

func bounded(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func eventually(t *testing.T, what string, probe func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !probe(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", limit, what)
		}
	}
}

func client(t *testing.T, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	defaults := []kgo.Opt{
		kgo.SeedBrokers(bootstrap()), kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.FetchMaxWait(200 * time.Millisecond), kgo.SessionTimeout(6 * time.Second),
		kgo.HeartbeatInterval(300 * time.Millisecond), kgo.RetryTimeout(limit),
	}
	made, err := kgo.NewClient(append(defaults, options...)...)
	must(t, err)
	t.Cleanup(made.Close)
	return made
}

func admin(t *testing.T, servers ...string) *kadm.Client {
	if len(servers) == 0 {
		servers = []string{bootstrap()}
	}
	return kadm.NewClient(client(t, kgo.SeedBrokers(servers...)))
}

func createTopic(t *testing.T, adm *kadm.Client, partitions int32, configs map[string]*string) string {
	t.Helper()
	name := unique("go")
	created, err := adm.CreateTopic(bounded(t), partitions, 1, configs, name)
	must(t, err)
	must(t, created.Err)
	eventually(t, "the partitions of "+name, func() bool {
		listed, err := adm.ListTopics(bounded(t), name)
		return err == nil && len(listed[name].Partitions) == int(partitions)
	})
	return name
}

// send sends numbers as records of one topic, synchronously, and fails on any error.
func send(t *testing.T, from *kgo.Client, topic string, count int) {
	t.Helper()
	records := make([]*kgo.Record, count)
	for i := range records {
		records[i] = &kgo.Record{Topic: topic, Value: fmt.Append(nil, i), Timestamp: base.Add(time.Duration(i) * time.Second)}
	}
	must(t, from.ProduceSync(bounded(t), records...).FirstErr())
}

func take(t *testing.T, from *kgo.Client, count int) []*kgo.Record {
	t.Helper()
	var records []*kgo.Record
	for ctx := bounded(t); len(records) < count; {
		fetches := from.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("got %d of %d records", len(records), count)
		}
		for _, failed := range fetches.Errors() {
			t.Fatalf("%s/%d: %v", failed.Topic, failed.Partition, failed.Err)
		}
		records = append(records, fetches.Records()...)
	}
	return records
}

// broker is one beside the shared one, for tests that stop or kill it.
type broker struct {
	t         *testing.T
	conn      net.Conn
	answers   *bufio.Reader
	id        string
	bootstrap string
}

func ownBroker(t *testing.T, properties ...string) *broker {
	t.Helper()
	conn, err := net.Dial("tcp", os.Getenv("MILLRACE_TEST_CONTROL"))
	must(t, err)
	own := &broker{t: t, conn: conn, answers: bufio.NewReader(conn)}
	own.id, own.bootstrap, _ = strings.Cut(own.ask("start "+strings.Join(properties, "\t")), " ")
	t.Cleanup(func() {
		own.do("drop")
		conn.Close()
	})
	return own
}

func (own *broker) do(verb string) { own.ask(verb + " " + own.id) }

func (own *broker) ask(line string) string {
	own.t.Helper()
	if _, err := fmt.Fprintln(own.conn, line); err != nil {
		own.t.Fatal(err)
	}
	answer, err := own.answers.ReadString('\n')
	if err != nil || !strings.HasPrefix(answer, "ok") {
		own.t.Fatalf("%s: %s %v", line, answer, err)
	}
	return strings.TrimSpace(answer[2:])
}
