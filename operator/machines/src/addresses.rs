//! Addresses of pods: the first free one, and the same again for a pod of the same name, as long as there
//! are enough. Pure.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// So many pods can be at once. Each is a process, and a machine has no room for more.
pub(crate) const PODS_MOST: usize = 250;

/// Who has which address.
#[derive(Debug)]
pub struct Addresses {
    first: Ipv4Addr,
    /// By the pod that has it, or had it last.
    given: BTreeMap<PodName, Ipv4Addr>,
}

/// Namespace and name.
pub(crate) type PodName = (String, String);

impl Addresses {
    /// Addresses from `first` upwards.
    #[must_use]
    pub const fn from(first: Ipv4Addr) -> Self {
        Self {
            first,
            given: BTreeMap::new(),
        }
    }

    /// A pod has this address already. Not if another one has it, or it is none of these.
    pub(crate) fn keep(&mut self, pod: PodName, address: Ipv4Addr) {
        let free = self.given.values().all(|given| *given != address);
        if free && self.all().any(|one| one == address) {
            self.given.entry(pod).or_insert(address);
        }
    }

    /// The address of a pod; `None` when there are as many pods as there can be. What pods had that do not
    /// live any more goes to others only when nothing else is left.
    pub(crate) fn of(
        &mut self,
        pod: PodName,
        lives: impl Fn(&PodName) -> bool,
    ) -> Option<Ipv4Addr> {
        if let Some(known) = self.given.get(&pod) {
            return Some(*known);
        }
        let free = self
            .all()
            .find(|one| self.given.values().all(|given| given != one));
        let address = free.or_else(|| {
            let left = self.given.keys().find(|pod| !lives(pod)).cloned()?;
            self.given.remove(&left)
        })?;
        self.given.insert(pod, address);
        Some(address)
    }

    /// Every address that can be given.
    fn all(&self) -> impl Iterator<Item = Ipv4Addr> + use<> {
        let first = self.first.to_bits();
        // The last one of a network that loopback could be is for everybody.
        let last = (first | 0x00FF_FFFF).saturating_sub(1);
        (first..=last).take(PODS_MOST).map(Ipv4Addr::from_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str) -> PodName {
        ("n".to_owned(), name.to_owned())
    }

    fn at(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(127, 0, 0, last)
    }

    #[test]
    fn a_name_has_one_address_and_an_address_one_name() {
        let mut addresses = Addresses::from(at(1));
        addresses.keep(pod("c"), at(2));
        addresses.keep(pod("other"), at(2));
        addresses.keep(pod("foreign"), Ipv4Addr::new(10, 0, 0, 1));
        let mut of = |name: &str| addresses.of(pod(name), |_| false);
        assert_eq!(of("a"), Some(at(1)));
        assert_eq!(of("b"), Some(at(3)));
        assert_eq!(of("c"), Some(at(2)));
        assert_eq!(of("a"), Some(at(1)));
        assert_eq!(of("foreign"), Some(at(4)));
    }

    #[test]
    fn when_all_are_given_a_pod_that_is_gone_leaves_its_own() {
        let mut addresses = Addresses::from(at(1));
        let names = (0..PODS_MOST).map(|number| pod(&format!("{number:04}")));
        for name in names {
            assert!(addresses.of(name, |_| true).is_some());
        }
        assert_eq!(addresses.of(pod("more"), |_| true), None);
        let gone = pod("0007");
        assert_eq!(addresses.of(pod("more"), |pod| *pod != gone), Some(at(8)));
        assert_eq!(addresses.of(gone, |_| true), None);
    }

    #[test]
    fn addresses_end_with_their_network() {
        let first = Ipv4Addr::new(127, 255, 255, 253);
        let all: Vec<Ipv4Addr> = Addresses::from(first).all().collect();
        assert_eq!(all, [first, Ipv4Addr::new(127, 255, 255, 254)]);
    }
}
