//! Reads captures of TCP traffic and tells what happened in them.
//!
//! The modules, in the order in which a capture flows through them:
//!
//! ```text
//! source -> frame -> wire -> tcp -> engine -> summary -> report   (the capture as a whole)
//!                       \------ facts ------/ \-> listing           (rows while it is read)
//!                        filter, info (read the facts, frame after frame)
//!                        explain (why one frame has its verdicts)
//! condition -> check        (expressions over the summary; captures as test cases)
//! evidence -> grade                                                (claims held against it)
//! snapshot                                    (what a new recording of the same shows, too)
//! ```

#[cfg(feature = "check")]
pub mod check;
mod chunked;
#[cfg(feature = "check")]
pub mod condition;
pub mod engine;
#[cfg(feature = "grade")]
pub mod evidence;
pub mod explain;
pub mod facts;
pub mod filter;
pub mod frame;
#[cfg(feature = "grade")]
pub mod grade;
pub mod info;
pub mod listing;
#[cfg(feature = "grade")]
pub mod provenance;
pub mod report;
#[cfg(feature = "check")]
pub mod snapshot;
pub mod source;
pub mod summary;
pub mod tcp;
pub mod time;
pub mod wire;
