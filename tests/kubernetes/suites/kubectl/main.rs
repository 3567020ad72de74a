//! The real `kubectl` against the API inside the process, served on loopback. Needs no cluster, but for
//! `same`, which holds what is printed to what the real API server has printed.

mod discovery;
mod logs;
mod objects;
mod printed;
mod same;
mod stage;
