//! One command per file: its arguments and the few steps that run it.

use super::args::Command;
use super::{Failure, Outcome};

pub mod client;
pub mod forge;
pub mod lab;
pub mod schema;
pub mod server;
pub mod socket_info;
pub mod traffic;

/// Runs the command that the user chose.
pub fn dispatch(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Server(args) => server::run(&args),
        Command::Client(args) => client::run(&args),
        Command::SocketInfo(args) => socket_info::run(&args),
        Command::Forge(args) => forge::run(&args),
        Command::Traffic(args) => traffic::run(&args),
        Command::Lab(args) => lab::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::LabWarden(args) => lab::warden(&args),
        Command::LabSupervisor => lab::supervisor(),
    }
}
