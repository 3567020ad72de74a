//! The lease that lets one replica work: reads and writes it as the election says. Every write names
//! the version it read, so of two candidates one wins. It knows nothing of the work it guards.

mod election;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, ObjectMeta, PostParams};
use kube::{Client, Error};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use election::{Election, Periods, SeenLease, Step};

/// A lease this replica holds or wants.
pub(crate) struct LeaderLease {
    api: Api<Lease>,
    name: String,
    identity: String,
    periods: Periods,
    election: Election,
    started: Instant,
}

impl LeaderLease {
    /// A lease that keeps others away for `lasting` when its holder falls silent.
    pub(crate) fn new(
        client: Client,
        namespace: &str,
        name: &str,
        identity: &str,
        lasting: Duration,
    ) -> Self {
        let periods = Periods::of_lease(lasting);
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity: identity.to_owned(),
            periods,
            election: Election::new(identity.to_owned(), periods),
            started: Instant::now(),
        }
    }

    /// Waits until the lease is this replica's.
    pub(crate) async fn acquire(&mut self) {
        loop {
            match timeout(self.periods.request, self.advance()).await {
                Ok(Ok(Step::Wait)) => {}
                Ok(Ok(_)) => return,
                Ok(Err(error)) => {
                    tracing::warn!(%error, lease = %self.name, "cannot take the lease");
                }
                Err(_) => tracing::warn!(lease = %self.name, "no answer about the lease"),
            }
            sleep(self.periods.retry).await;
        }
    }

    /// Keeps the lease, and returns why it could not be kept. Whoever gets that answer must stop at
    /// once: another replica may start soon.
    pub(crate) async fn keep(&mut self) -> anyhow::Error {
        loop {
            sleep(self.periods.retry).await;
            let deadline = self.started + self.election.deadline().unwrap_or_default();
            match timeout_at(deadline, self.renew_until_done()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error,
                Err(_) => return anyhow::anyhow!("the lease could not be renewed in time"),
            }
        }
    }

    /// Gives the lease up, so that another replica need not wait for it to run out.
    pub(crate) async fn release(&self) -> Result<()> {
        let mut lease = self
            .api
            .get(&self.name)
            .await
            .context("reading the lease")?;
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(self.identity.as_str()) {
            return Ok(());
        }
        spec.holder_identity = Some(String::new());
        spec.lease_duration_seconds = Some(1);
        self.api
            .replace(&self.name, &PostParams::default(), &lease)
            .await
            .context("releasing the lease")?;
        Ok(())
    }

    async fn renew_until_done(&mut self) -> Result<()> {
        loop {
            match timeout(self.periods.request, self.advance()).await {
                Ok(Ok(Step::Renew)) => return Ok(()),
                Ok(Ok(_)) => bail!("the lease is another's now"),
                Ok(Err(error)) => {
                    tracing::warn!(%error, lease = %self.name, "cannot renew the lease");
                }
                Err(_) => tracing::warn!(lease = %self.name, "no answer about the lease"),
            }
            sleep(self.periods.retry).await;
        }
    }

    /// One look at the lease and the write that follows from it. `Wait` when it is another's.
    async fn advance(&mut self) -> Result<Step, Error> {
        let sent = self.started.elapsed();
        let stored = self.api.get_opt(&self.name).await?;
        let step = self.election.step(
            stored.as_ref().map(|lease| self.seen(lease)),
            self.started.elapsed(),
        );
        if step == Step::Wait || self.election.deposed(step) {
            return Ok(Step::Wait);
        }
        let written = match stored {
            None => {
                let lease = self.lease(ObjectMeta {
                    name: Some(self.name.clone()),
                    ..ObjectMeta::default()
                });
                self.api.create(&PostParams::default(), &lease).await
            }
            Some(stored) => {
                let before = stored.spec.unwrap_or_default();
                let mut lease = self.lease(stored.metadata);
                if let Some(spec) = &mut lease.spec {
                    let transitions = before.lease_transitions.unwrap_or(0);
                    spec.lease_transitions = Some(transitions + i32::from(step == Step::Take));
                    if step == Step::Renew {
                        spec.acquire_time = before.acquire_time;
                    }
                }
                self.api
                    .replace(&self.name, &PostParams::default(), &lease)
                    .await
            }
        };
        match written {
            Ok(_) => {
                self.election.wrote(sent);
                Ok(step)
            }
            // Another was quicker.
            Err(Error::Api(status)) if status.is_conflict() => Ok(Step::Wait),
            Err(error) => Err(error),
        }
    }

    /// The lease in this replica's name; the times in it are for people.
    fn lease(&self, metadata: ObjectMeta) -> Lease {
        let now = MicroTime(Timestamp::now());
        Lease {
            metadata,
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: i32::try_from(self.periods.lease.as_secs()).ok(),
                acquire_time: Some(now.clone()),
                renew_time: Some(now),
                ..LeaseSpec::default()
            }),
        }
    }

    fn seen(&self, lease: &Lease) -> SeenLease {
        let spec = lease.spec.clone().unwrap_or_default();
        SeenLease {
            holder: spec.holder_identity.unwrap_or_default(),
            version: lease.metadata.resource_version.clone().unwrap_or_default(),
            duration: spec
                .lease_duration_seconds
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map_or(self.periods.lease, Duration::from_secs),
        }
    }
}
