//! Row lists written while the capture is read: frames, segments, conversations, streams.
//!
//! Each list takes the facts of one frame at a time and writes to a given writer at once, so
//! that the first row of a huge capture appears immediately and memory does not grow with it.
//! What is told about a capture as a whole is [`crate::report`]'s.

mod cell;
pub mod conversations;
pub mod follow;
pub mod hex_pane;
pub mod line;
pub mod packet_list;
pub mod rows;
pub mod segments;
