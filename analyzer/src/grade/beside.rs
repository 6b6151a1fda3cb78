//! Which pieces of evidence belong together: those of one task in a report, and those of
//! different files.

use crate::evidence::{Content, Evidence};

/// The task that a piece of a report belongs to: the line of its heading; none before the first
/// heading, and in files without any.
#[must_use]
pub fn task(all: &[Evidence], piece: &Evidence) -> Option<u32> {
    let heading = |other: &Evidence| match &other.content {
        Content::Prose(prose) if other.file == piece.file => {
            prose.heading.as_ref().map(|(line, _)| *line)
        }
        _ => None,
    };
    all.iter().filter_map(heading).filter(|line| *line <= piece.line).max()
}

/// The pieces that are told together with one: of its task, or of another file.
pub fn beside<'a>(
    all: &'a [Evidence],
    piece: &'a Evidence,
) -> impl Iterator<Item = &'a Evidence> + 'a {
    let own = task(all, piece);
    all.iter().filter(move |other| other.file != piece.file || task(all, other) == own)
}
