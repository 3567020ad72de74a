//! The reference page of metrics is fresh: it is the golden list of their names.
//! `MILLRACE_BLESS=1` writes it.

use millrace_server::metrics::catalog;

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/reference/metrics.md"
);

#[test]
fn the_committed_page_is_what_the_table_says() {
    let page = catalog::reference_page();
    if std::env::var_os("MILLRACE_BLESS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        committed == page,
        "run this test with MILLRACE_BLESS=1 and commit {PAGE}"
    );
}
