//! A cluster in memory, for tests of who asks.
