//! Makes real TCP traffic for network-programming labs.
//!
//! The roles move bytes and tell an [`event::Observer`] what happens; they never print. Whoever
//! starts them (the command line, a lab, a test) chooses what becomes of the events.
//!
//! ```text
//! payload, target, stop, wait  <-  echo_server, client, socket_info      the roles
//!                                        |
//!                                        v  Event (and one ConnectionRecord per connection)
//!                        course_log, json_log, record_log, progress      what people see
//! ```
//!
//! [`forge`] makes captures of traffic that never was, for fixtures and lessons.

pub mod client;
pub mod course_log;
pub mod echo_server;
pub mod error;
pub mod event;
pub mod forge;
pub mod json_log;
pub mod lab;
pub mod payload;
pub mod python_bytes;
pub mod record;
pub mod record_log;
pub mod scenario;
pub mod socket_info;
mod spool;
pub mod stop;
pub mod target;
mod wait;
