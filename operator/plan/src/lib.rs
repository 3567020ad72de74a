//! Planners: what to restart, alter, move and why; pure, no I/O.
