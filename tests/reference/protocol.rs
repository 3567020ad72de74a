//! The page of the protocol: what is advertised, and what of Kafka's is not.

use millrace_golden::hold_page;
use millrace_wire::{ApiKey, Listener, SERVED};

const INTRODUCTION: &str = "\
# Protocol

What a broker answers to `ApiVersions`. A version is listed when its meaning is served; what is not served is not advertised, so
clients choose something older or say that the broker lacks it. This page is generated from the table that brokers advertise.

| API | number | versions |
|---|---|---|
";

#[test]
fn the_page_of_the_protocol_is_what_is_advertised() {
    let mut page = INTRODUCTION.to_owned();
    for line in SERVED {
        let (min, max) = (line.advertised_min, line.versions.max);
        let (name, code) = (line.key.name(), line.key.code());
        page.push_str(&format!("| `{name}` | {code} | {min} to {max} |\n"));
    }
    let absent: Vec<String> = ApiKey::ALL
        .iter()
        .filter(|key| key.listeners().contains(&Listener::Broker))
        .filter(|key| SERVED.iter().all(|line| line.key != **key))
        .map(|key| format!("`{}`", key.name()))
        .collect();
    page.push_str(&format!(
        "\n## Not served\n\nAPIs that brokers of Kafka 4.2 have and this version does not: {}.\n",
        absent.join(", ")
    ));
    hold_page("protocol.md", &page);
}
