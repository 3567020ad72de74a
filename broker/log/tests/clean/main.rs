//! Compaction: what is kept and what goes, told in scripts; a model for everything else; and a crash
//! at every point.

mod crash;
mod model;
mod scenarios;
mod script;
