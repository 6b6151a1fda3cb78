//! The rubrics of the course's four tasks, ready to use and to start from.

/// Their names.
pub const COURSE: [&str; 4] = ["task-1", "task-2", "task-3", "task-4"];

/// The text of one of them.
#[must_use]
pub fn course(name: &str) -> Option<&'static str> {
    match name {
        "task-1" => Some(include_str!("course/task-1.toml")),
        "task-2" => Some(include_str!("course/task-2.toml")),
        "task-3" => Some(include_str!("course/task-3.toml")),
        "task-4" => Some(include_str!("course/task-4.toml")),
        _ => None,
    }
}
