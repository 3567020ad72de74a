//! The log from outside, on disks in memory.

mod append_and_read;
mod crash;
mod offsets;
mod producers;
mod support;
