//! The reference page is fresh. `MILLRACE_BLESS=1` writes it.

use millrace_config::{BrokerLayers, RawConfig, reference};

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/reference/config.md"
);

#[test]
fn the_committed_page_is_what_the_table_says() {
    let page = reference::page();
    if std::env::var_os("MILLRACE_BLESS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        committed == page,
        "run this test with MILLRACE_BLESS=1 and commit {PAGE}"
    );
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
