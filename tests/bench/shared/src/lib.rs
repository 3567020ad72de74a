//! What the benchmarks share: the clock, what processes use, the machine that figures are of, and pages
//! that keep what people wrote into them. It measures nothing and judges nothing.

pub mod clock;
pub mod machine;
pub mod median;
pub mod page;
pub mod table;
pub mod usage;
