//! placeholder
mod combiner; mod leadership; mod parked;
