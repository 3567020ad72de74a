//! The reconcilers: dereference, validate, plan, apply, status.
