//! The reference pages of conditions and of the operator's metrics are fresh. `MILLRACE_BLESS=1` writes them.

use millrace_golden::hold_page;

#[test]
fn the_page_of_conditions_is_what_the_reasons_say() {
    hold_page("conditions.md", &millrace_reconcile::conditions_page());
}

#[test]
fn the_page_of_metrics_is_what_the_operator_serves() {
    hold_page("operator-metrics.md", &millrace_reconcile::metrics_page());
}
