//! The scenarios that come with the program: the tasks of the course.

/// The course's machines and networks, used by every scenario that names none.
pub const COURSE: &str = include_str!("builtin/course.toml");

/// A scenario that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its text, in the format of every scenario.
    pub text: &'static str,
}

/// All of them, in the order of the course.
pub const ALL: [Builtin; 4] = [
    Builtin { name: "echo", text: include_str!("builtin/echo.toml") },
    Builtin { name: "file", text: include_str!("builtin/file.toml") },
    Builtin { name: "parallel", text: include_str!("builtin/parallel.toml") },
    Builtin { name: "hold", text: include_str!("builtin/hold.toml") },
];
