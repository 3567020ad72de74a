//! Which new connection gets in, which has to wait, and which is turned away. Pure: addresses and
//! `now` in, verdicts out.
//!
//! As in Kafka: one address has its share and is refused beyond it; where the broker or a listener
//! is full, or connections come too fast, the next one waits. The listener on which brokers talk
//! to each other waits for its own limits only; for its sake somebody else has to leave.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use thiserror::Error;

/// A rate from here on is no limit: it is what the setting says when nobody sets it.
const UNLIMITED_RATE: usize = i32::MAX as usize;

/// What a rate of nothing waits for: a new setting.
const FOREVER: Duration = Duration::MAX;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Over all listeners.
    pub connections: usize,
    pub per_address: usize,
    pub of_address: HashMap<IpAddr, usize>,
    /// New connections in a second, over all listeners.
    pub per_second: usize,
    /// Listeners with limits of their own.
    pub of_listener: HashMap<Arc<str>, ListenerShare>,
    /// The brokers' own listener, when clients have another.
    pub protected: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerShare {
    pub connections: usize,
    pub per_second: usize,
}

impl ListenerShare {
    const UNLIMITED: Self = Self {
        connections: usize::MAX,
        per_second: UNLIMITED_RATE,
    };
}

impl Default for AdmissionLimits {
    fn default() -> Self {
        Self {
            connections: usize::MAX,
            per_address: usize::MAX,
            of_address: HashMap::new(),
            per_second: UNLIMITED_RATE,
            of_listener: HashMap::new(),
            protected: None,
        }
    }
}

impl AdmissionLimits {
    fn share(&self, listener: &str) -> ListenerShare {
        let share = self.of_listener.get(listener);
        share.copied().unwrap_or(ListenerShare::UNLIMITED)
    }

    fn is_protected(&self, listener: &str) -> bool {
        self.protected.as_deref() == Some(listener)
    }
}

/// Why a connection does not enter now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Until a connection ends or the limits change.
    WaitForPlace(Full),
    /// So long, or until the limits change.
    Wait(Duration),
    Refuse(Refusal),
}

#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum Full {
    #[error("the broker has as many connections as max.connections allows")]
    Broker,
    #[error("the listener has as many connections as its max.connections allows")]
    Listener,
}

#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("the address has the {0} connections that it may have")]
    Address(usize),
}

/// The connections there are, counted, and when they came.
#[derive(Debug, Default)]
pub(crate) struct Admissions {
    limits: AdmissionLimits,
    total: usize,
    by_address: HashMap<IpAddr, usize>,
    by_listener: HashMap<Arc<str>, Arrivals>,
    rate: Bucket,
}

#[derive(Debug, Default)]
struct Arrivals {
    connections: usize,
    rate: Bucket,
}

impl Admissions {
    pub(crate) fn set_limits(&mut self, limits: AdmissionLimits) {
        self.limits = limits;
    }

    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Decides on one new connection, and counts it if it may enter.
    pub(crate) fn decide(
        &mut self,
        listener: &Arc<str>,
        address: IpAddr,
        now: Duration,
    ) -> Result<(), Denial> {
        let address = address.to_canonical();
        let limits = &self.limits;
        let allowed = limits.of_address.get(&address);
        let allowed = *allowed.unwrap_or(&limits.per_address);
        let of_address = self.by_address.get(&address).copied().unwrap_or(0);
        if of_address >= allowed {
            return Err(Denial::Refuse(Refusal::Address(allowed)));
        }
        let share = limits.share(listener);
        let is_protected = limits.is_protected(listener);
        let arrivals = self.by_listener.entry(Arc::clone(listener)).or_default();
        if arrivals.connections >= share.connections {
            return Err(Denial::WaitForPlace(Full::Listener));
        }
        if self.total >= limits.connections && !is_protected {
            return Err(Denial::WaitForPlace(Full::Broker));
        }
        let mut wait = arrivals.rate.wait(share.per_second, now);
        let of_all = self.rate.wait(limits.per_second, now);
        if !is_protected {
            wait = wait.max(of_all);
        }
        if !wait.is_zero() {
            return Err(Denial::Wait(wait));
        }
        arrivals.rate.take();
        self.rate.take();
        arrivals.connections += 1;
        self.total += 1;
        *self.by_address.entry(address).or_insert(0) += 1;
        Ok(())
    }

    /// Uncounts a connection that has ended.
    pub(crate) fn leave(&mut self, listener: &str, address: IpAddr) {
        let address = address.to_canonical();
        self.total = self.total.saturating_sub(1);
        if let Some(arrivals) = self.by_listener.get_mut(listener) {
            arrivals.connections = arrivals.connections.saturating_sub(1);
        }
        if let Some(count) = self.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }

    /// How many connections of other listeners have to leave.
    pub(crate) fn excess(&self) -> usize {
        self.total.saturating_sub(self.limits.connections)
    }

    /// Whether connections of this listener stay when others have to leave.
    pub(crate) fn is_protected(&self, listener: &str) -> bool {
        self.limits.is_protected(listener)
    }
}

/// Lets in what a rate allows; one second's worth may come at once.
#[derive(Debug, Default)]
struct Bucket {
    /// What may enter now. Below zero after the brokers' own listener went ahead.
    tokens: f64,
    /// When that was so; `None` before the first.
    at: Option<Duration>,
}

impl Bucket {
    /// How long the next one has to wait.
    fn wait(&mut self, per_second: usize, now: Duration) -> Duration {
        let rate = per_second as f64;
        let since = self
            .at
            .map_or(1.0, |at| now.saturating_sub(at).as_secs_f64());
        self.at = Some(now);
        if per_second >= UNLIMITED_RATE {
            self.tokens = 1.0;
            return Duration::ZERO;
        }
        self.tokens = (self.tokens + since * rate).min(rate);
        if self.tokens >= 1.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64((1.0 - self.tokens) / rate).unwrap_or(FOREVER)
    }

    fn take(&mut self) {
        self.tokens -= 1.0;
    }
}

#[cfg(test)]
mod tests;
