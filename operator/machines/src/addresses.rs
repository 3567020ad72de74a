//! Addresses of pods: the first free one, and the same again for a pod of the same name. Pure.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Who has which address.
#[derive(Debug)]
pub struct Addresses {
    first: Ipv4Addr,
    /// By namespace and name.
    given: BTreeMap<String, Ipv4Addr>,
}

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
    pub(crate) fn keep(&mut self, namespace: &str, pod: &str, address: Ipv4Addr) {
        let free = self.given.values().all(|given| *given != address);
        if free && address >= self.first {
            let of = format!("{namespace}/{pod}");
            self.given.entry(of).or_insert(address);
        }
    }

    /// The address of a pod.
    pub(crate) fn of(&mut self, namespace: &str, pod: &str) -> Ipv4Addr {
        let of = format!("{namespace}/{pod}");
        if let Some(known) = self.given.get(&of) {
            return *known;
        }
        let mut address = self.first;
        while self.given.values().any(|given| *given == address) {
            address = Ipv4Addr::from_bits(address.to_bits().wrapping_add(1));
        }
        self.given.insert(of, address);
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_address_and_an_address_one_name() {
        let at = |last| Ipv4Addr::new(127, 0, 0, last);
        let mut addresses = Addresses::from(at(1));
        addresses.keep("n", "c", at(2));
        addresses.keep("n", "other", at(2));
        addresses.keep("n", "foreign", Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(addresses.of("n", "a"), at(1));
        assert_eq!(addresses.of("n", "b"), at(3));
        assert_eq!(addresses.of("n", "c"), at(2));
        assert_eq!(addresses.of("n", "a"), at(1));
        assert_eq!(addresses.of("n", "foreign"), at(4));
    }
}
