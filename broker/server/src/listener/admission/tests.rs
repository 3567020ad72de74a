//! Who gets in, who waits and who is turned away.

use super::*;

const START: Duration = Duration::ZERO;

fn address(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

fn admissions(limits: AdmissionLimits) -> Admissions {
    let mut admissions = Admissions::default();
    admissions.set_limits(limits);
    admissions
}

fn limits() -> AdmissionLimits {
    AdmissionLimits::default()
}

fn limited(change: impl FnOnce(&mut AdmissionLimits)) -> AdmissionLimits {
    let mut limits = limits();
    change(&mut limits);
    limits
}

/// `E` enters, `w` waits for a place, `t` waits for a time, `-` is refused.
fn sign(verdict: Result<(), Denial>) -> char {
    match verdict {
        Ok(()) => 'E',
        Err(Denial::WaitForPlace(_)) => 'w',
        Err(Denial::Wait(_)) => 't',
        Err(Denial::Refuse(_)) => '-',
    }
}

fn of_listener(name: &str, share: ListenerShare) -> HashMap<Arc<str>, ListenerShare> {
    HashMap::from([(name.into(), share)])
}

/// Who comes, as listener and last byte of the address, and what becomes of each.
#[test]
fn each_limit_does_what_kafka_does() {
    let two = ListenerShare {
        connections: 2,
        ..ListenerShare::UNLIMITED
    };
    let own = |limits: &mut AdmissionLimits| limits.protected = Some(Arc::from("A"));
    let cases = [
        ("none", limits(), "A1 A1 A1 B1", "EEEE"),
        (
            "the whole broker",
            limited(|limits| limits.connections = 2),
            "A1 B2 A3 B4",
            "EEww",
        ),
        (
            "the brokers' own listener gets in anyway",
            limited(|limits| {
                own(limits);
                limits.connections = 2;
            }),
            "B1 B1 B1 A1 A1",
            "EEwEE",
        ),
        (
            "but not beyond its own limit",
            limited(|limits| {
                own(limits);
                limits.of_listener = of_listener("A", two);
            }),
            "A1 A2 A3 B1",
            "EEwE",
        ),
        (
            "one listener",
            limited(|limits| limits.of_listener = of_listener("A", two)),
            "A1 A2 A3 B1 B2 B3",
            "EEwEEE",
        ),
        (
            "one address, over all listeners",
            limited(|limits| limits.per_address = 2),
            "A1 B1 A1 B1 A2 A2 A2",
            "EE--EE-",
        ),
        (
            "particular addresses",
            limited(|limits| {
                limits.per_address = 1;
                limits.of_address = HashMap::from([(address(2), 2), (address(3), 0)]);
            }),
            "A1 A1 A2 A2 A2 A3",
            "E-EE--",
        ),
        (
            "a rate",
            limited(|limits| limits.per_second = 2),
            "A1 B1 A1 B1",
            "EEtt",
        ),
        (
            "a rate of nothing",
            limited(|limits| limits.per_second = 0),
            "A1",
            "t",
        ),
    ];
    for (name, limits, arrivals, expected) in cases {
        assert_eq!(verdicts(limits, arrivals), expected, "{name}");
    }
}

fn verdicts(limits: AdmissionLimits, arrivals: &str) -> String {
    let mut admissions = admissions(limits);
    let verdict = |arrival: &str| {
        let (listener, last) = arrival.split_at(1);
        let address = address(last.parse().unwrap());
        sign(admissions.decide(&listener.into(), address, START))
    };
    arrivals.split(' ').map(verdict).collect()
}

#[test]
fn a_place_that_is_given_back_can_be_had() {
    let mut admissions = admissions(AdmissionLimits {
        connections: 1,
        per_address: 1,
        ..limits()
    });
    let listener = Arc::from("A");
    let decide = |admissions: &mut Admissions, last| {
        sign(admissions.decide(&listener, address(last), START))
    };
    assert_eq!(decide(&mut admissions, 1), 'E');
    assert_eq!(decide(&mut admissions, 2), 'w');
    admissions.leave("A", address(1));
    assert_eq!(admissions.total(), 0);
    assert_eq!(decide(&mut admissions, 2), 'E');
}

#[test]
fn a_mapped_address_is_the_address_it_stands_for() {
    let mut admissions = admissions(AdmissionLimits {
        per_address: 1,
        ..limits()
    });
    let listener = Arc::from("A");
    let mapped = "::ffff:10.0.0.1".parse().unwrap();
    assert_eq!(sign(admissions.decide(&listener, mapped, START)), 'E');
    assert_eq!(sign(admissions.decide(&listener, address(1), START)), '-');
    admissions.leave("A", address(1));
    assert_eq!(sign(admissions.decide(&listener, mapped, START)), 'E');
}

#[test]
fn a_rate_lets_in_as_many_as_it_says_in_any_time() {
    let mut admissions = admissions(AdmissionLimits {
        per_second: 10,
        ..limits()
    });
    let listener = Arc::from("A");
    let mut entered = 0;
    for tick in 0..3000 {
        let now = Duration::from_millis(tick);
        if admissions.decide(&listener, address(1), now).is_ok() {
            entered += 1;
        }
    }
    // A second's worth at once, and three seconds of ten.
    assert!((39..=40).contains(&entered), "{entered}");
}

#[test]
fn whoever_waits_as_long_as_told_gets_in() {
    let mut admissions = admissions(AdmissionLimits {
        of_listener: of_listener(
            "A",
            ListenerShare {
                per_second: 3,
                ..ListenerShare::UNLIMITED
            },
        ),
        ..limits()
    });
    let listener = Arc::from("A");
    let mut now = START;
    for _ in 0..20 {
        if let Err(Denial::Wait(wait)) = admissions.decide(&listener, address(1), now) {
            now += wait + Duration::from_nanos(1);
            let verdict = admissions.decide(&listener, address(1), now);
            assert_eq!(verdict, Ok(()), "after {wait:?}");
        }
    }
    let other = admissions.decide(&"B".into(), address(1), now);
    assert_eq!(other, Ok(()), "another listener has no such limit");
}

#[test]
fn lower_limits_leave_an_excess_and_higher_ones_let_in() {
    let mut admissions = admissions(limits());
    let listener = Arc::from("A");
    for last in 0..5 {
        let entered = admissions.decide(&listener, address(last), START);
        assert_eq!(entered, Ok(()));
    }
    admissions.set_limits(AdmissionLimits {
        connections: 2,
        ..limits()
    });
    assert_eq!(admissions.excess(), 3);
    let verdict = admissions.decide(&listener, address(9), START);
    assert_eq!(verdict, Err(Denial::WaitForPlace(Full::Broker)));
    admissions.set_limits(limits());
    assert_eq!(admissions.excess(), 0);
    assert_eq!(sign(admissions.decide(&listener, address(9), START)), 'E');
}
