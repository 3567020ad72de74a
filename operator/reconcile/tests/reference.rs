//! The reference pages of conditions and of the operator's metrics are fresh. `MILLRACE_BLESS=1` writes them.

use std::path::Path;

fn fresh(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/reference")
        .join(name);
    if std::env::var_os("MILLRACE_BLESS").is_some() {
        std::fs::write(&path, page).expect("the page is writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "run this test with MILLRACE_BLESS=1 and commit {}",
        path.display()
    );
}

#[test]
fn the_page_of_conditions_is_what_the_reasons_say() {
    fresh("conditions.md", &millrace_reconcile::conditions_page());
}

#[test]
fn the_page_of_metrics_is_what_the_operator_serves() {
    fresh("operator-metrics.md", &millrace_reconcile::metrics_page());
}
