//! The reference page is fresh. `MILLRACE_BLESS=1` writes it.

use millrace_config::{BrokerLayers, RawConfig, reference};

#[test]
fn the_committed_page_is_what_the_table_says() {
    millrace_golden::hold_page("config.md", &reference::page());
}

#[test]
fn a_printed_configuration_reads_back_as_the_same() {
    let mut raw = RawConfig::built_in();
    raw.add_argument("broker.rack= a=b").unwrap();
    raw.add_argument("ssl.key.password=hidden").unwrap();
    let printed = reference::print(&BrokerLayers::at_start(&raw));
    assert!(printed.contains("\n#num.partitions=1\n"), "{printed}");
    assert!(
        printed.contains("\n# ssl.key.password is set\n"),
        "{printed}"
    );
    assert!(!printed.contains("hidden"), "{printed}");

    let mut back = RawConfig::default();
    back.add_file("printed", &printed).unwrap();
    let said = |raw: &RawConfig| -> Vec<(String, String)> {
        let pairs = raw.iter().map(|(key, s)| (key.to_owned(), s.value.clone()));
        pairs.filter(|(key, _)| key != "ssl.key.password").collect()
    };
    assert_eq!(said(&back), said(&raw));
}
