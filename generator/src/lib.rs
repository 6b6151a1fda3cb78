//! Makes real TCP traffic for network-programming labs.
