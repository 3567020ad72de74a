//! The reference page of metrics is fresh: it is the golden list of their names.
//! `MILLRACE_BLESS=1` writes it.

use millrace_server::metrics::catalog;

#[test]
fn the_committed_page_is_what_the_table_says() {
    millrace_golden::hold_page("metrics.md", &catalog::reference_page());
}
