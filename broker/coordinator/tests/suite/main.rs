//! The group coordinator seen from outside: scripts, a simulation, and a model of offsets.

mod bench;
mod limits;
mod offsets_model;
mod requests;
mod script;
mod simulation;
