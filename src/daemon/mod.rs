//! The clockwork: pollers, publication, the server, start and stop.

pub mod load;
