//! The operator binary: arguments, leader lease, HTTP; the reconcilers do the work.

fn main() {}
