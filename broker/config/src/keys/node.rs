//! Broker settings: who this node is, the quorum and the metadata log.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "broker.id": Int = "-1", Any, ReadOnly, Served,
        "Older name of node.id; when both are set they must agree.";
    "broker.rack": String = none, Any, ReadOnly, Served,
        "Where the broker stands; replicas are spread over racks and consumers may read in \
         their own.";
    "broker.heartbeat.interval.ms": Int = "2000", Any, ReadOnly, NotYet,
        "Time between the broker's heartbeats to the controller.";
    "broker.session.timeout.ms": Int = "9000", Any, ReadOnly, NotYet,
        "Silence after which the controller fences a broker.";
    "controlled.shutdown.enable": Boolean = "true", Any, ReadOnly, NotYet,
        "Whether a broker moves its leaderships away before it stops.";
    "controller.listener.names": List = none, Any, ReadOnly, Served,
        "Listeners on which controllers talk; the first one is used to reach them.";
    "controller.performance.sample.period.ms": Long = "60000", Min(100), ReadOnly, NoEffect,
        "Accepted; controller timings are always measured.";
    "controller.quorum.append.linger.ms": Int = "25", Min(0), ReadOnly, NotYet,
        "How long the quorum's leader gathers records before it writes them.";
    "controller.quorum.auto.join.enable": Boolean = "false", Any, ReadOnly, NotYet,
        "Whether a new controller adds itself to the voters.";
    "controller.quorum.bootstrap.servers": List = "", NotEmpty, ReadOnly, NotYet,
        "Controllers to ask for the quorum's present members, as `host:port`.";
    "controller.quorum.election.backoff.max.ms": Int = "1000", Min(0), ReadOnly, NotYet,
        "Longest wait before a failed election is tried again.";
    "controller.quorum.election.timeout.ms": Int = "1000", Min(0), ReadOnly, NotYet,
        "Silence of the leader after which a voter calls an election.";
    "controller.quorum.fetch.timeout.ms": Int = "2000", Min(0), ReadOnly, NotYet,
        "How long a voter waits for the leader before it stands for election.";
    "controller.quorum.request.timeout.ms": Int = "2000", Min(0), ReadOnly, NotYet,
        "How long a quorum request may take.";
    "controller.quorum.retry.backoff.ms": Int = "20", Min(0), ReadOnly, NotYet,
        "Wait before a failed quorum request is sent again.";
    "controller.quorum.voters": List = "", NotEmpty, ReadOnly, Served,
        "The quorum's fixed members, as `id@host:port`.";
    "controller.socket.timeout.ms": Int = "30000", Any, ReadOnly, NotYet,
        "How long a broker waits for the controller's answer.";
    "initial.broker.registration.timeout.ms": Int = "60000", Any, ReadOnly, NotYet,
        "How long a starting broker tries to register before it gives up.";
    "metadata.log.dir": String = none, Any, ReadOnly, Served,
        "Where the metadata log lives; the first log directory when not set.";
    "metadata.log.max.record.bytes.between.snapshots": Long = "20971520", Min(1), ReadOnly, NotYet,
        "Metadata written since the last snapshot that calls for a new one.";
    "metadata.log.max.snapshot.interval.ms": Long = "3600000", Min(0), ReadOnly, NotYet,
        "Longest time between two snapshots while metadata changes; 0 is no limit.";
    "metadata.log.segment.bytes": Int = "1073741824", Min(8_388_608), ReadOnly, NotYet,
        "Size at which a segment of the metadata log is closed.";
    "metadata.log.segment.ms": Long = "604800000", Any, ReadOnly, NotYet,
        "Age at which a segment of the metadata log is closed.";
    "metadata.max.idle.interval.ms": Int = "500", Min(0), ReadOnly, NoEffect,
        "Accepted; an idle metadata log writes nothing.";
    "metadata.max.retention.bytes": Long = "104857600", Any, ReadOnly, NotYet,
        "Size of metadata log and snapshots above which old ones go.";
    "metadata.max.retention.ms": Long = "604800000", Any, ReadOnly, NotYet,
        "Age above which old metadata segments and snapshots go.";
    "node.id": Int = none, Min(0), ReadOnly, Served,
        "The node's number, unique in the cluster.";
    "process.roles": List = none, EachOf(&["broker", "controller"]), ReadOnly, Served,
        "What this process is: `broker`, `controller` or both.";
    "server.max.startup.time.ms": Long = "9223372036854775807", Min(0), ReadOnly, NoEffect,
        "Accepted; whoever starts the process decides how long to wait for it.";
}
