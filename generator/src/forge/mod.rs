//! The forge: crafted captures from a readable recipe, byte for byte the same every time.
//!
//! A recipe is a text file whose rows use the words of a packet list, so that a screenshot, a
//! report or an idea can be typed in as it is read:
//!
//! ```text
//! interface eth1
//! host mesin1 02:42:ac:10:10:65 172.16.16.101
//! host mesin2 02:42:ac:10:10:66 172.16.16.102
//! connection a mesin2:57278 mesin1:10000 isn=1000,2000
//!
//! 0.000000000 a> [SYN] Seq=0 Win=64240 MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128
//! 0.000020280 a< [SYN, ACK] Seq=0 Ack=1 Win=65160 MSS=1460 SACK_PERM TSval=9 TSecr=1 WS=128
//! 0.000090976 a> [ACK] Seq=1 Ack=1 Win=64256 TSval=1 TSecr=9
//! 0.000214865 a> [PSH, ACK] Seq=1 Ack=1 Win=64256 TSval=1 TSecr=9 "INI ADALAH DATA"
//! ```
//!
//! `Seq` and `Ack` are relative to the connection's initial sequence numbers, `Win` is what
//! the list shows (so a multiple of the scale that the rows' own handshake negotiated), and
//! NOPs are placed where Linux places them. `recipe` reads the text, `build` makes the
//! bytes, [`write()`] puts them into a capture file.
//!
//! [`traffic`] makes captures without a recipe, of any size, for measurements.

pub use error::Error;
pub use recipe::Recipe;

mod build;
mod error;
mod line;
mod options;
mod recipe;
mod row;
pub mod traffic;
mod write;

pub use write::write;
