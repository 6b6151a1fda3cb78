//! What is said of hex dumps and frame details beside the frames of a capture.

use super::{Lang, both};
use crate::grade::model::{DifferentLine, GradedDetails};

/// No frame has any of the bytes.
pub fn no_frame(lang: Lang) -> String {
    both!(lang, "no frame has these bytes", "tidak ada frame dengan byte ini")
}

/// The dump is a frame's.
pub fn of_frame(lang: Lang, frame: u64, equal: usize, of: usize) -> String {
    both!(
        lang,
        "{equal} of {of} bytes are those of frame {frame}",
        "{equal} dari {of} byte sama dengan frame {frame}"
    )
}

/// The dump is no frame's.
pub fn of_another(lang: Lang, frame: u64, equal: usize, of: usize, fields: &str) -> String {
    both!(
        lang,
        "frame {frame} is nearest, and only {equal} of {of} bytes are its own; other: {fields}",
        "frame {frame} paling dekat, tetapi hanya {equal} dari {of} byte yang sama; berbeda: {fields}"
    )
}

/// The details name one frame, the bytes are another's.
pub fn of_another_frame(lang: Lang, named: u64, frame: u64) -> String {
    both!(
        lang,
        "it is called frame {named}, and its bytes are those of frame {frame}",
        "disebut frame {named}, padahal byte-nya milik frame {frame}"
    )
}

/// Bytes of one field that differ.
pub fn differ(lang: Lang, frame: u64, offset: u64, field: &str, seen: &str, own: &str) -> String {
    both!(
        lang,
        "at offset 0x{offset:04x} ({field}) {seen} is shown, and frame {frame} has {own}",
        "pada offset 0x{offset:04x} ({field}) tertulis {seen}, sedangkan frame {frame} berisi {own}"
    )
}

/// More places than are told.
pub fn differ_more(lang: Lang, frame: u64, places: usize) -> String {
    both!(
        lang,
        "{places} more places differ from frame {frame}",
        "{places} tempat lain berbeda dari frame {frame}"
    )
}

/// A line of details with another number than the frame.
pub fn detail(lang: Lang, frame: u64, label: &str, shown: u64, own: u64) -> String {
    both!(
        lang,
        "{label}: {shown} is shown, and frame {frame} has {own}",
        "{label}: tertulis {shown}, sedangkan frame {frame} berisi {own}"
    )
}

/// The details pane of a picture.
pub fn details_pane(lang: Lang, details: &GradedDetails) -> String {
    let GradedDetails { frame, shown, equal, not_judged, unreadable, .. } = details;
    both!(
        lang,
        "details pane: {equal} of {shown} lines are those of frame {frame}; {unreadable} could not \
         be confirmed, {not_judged} not judged",
        "panel detail: {equal} dari {shown} baris sama dengan frame {frame}; {unreadable} tidak \
         dapat dipastikan, {not_judged} tidak dinilai"
    )
}

/// A line of the details pane that is not the frame's.
pub fn details_line(lang: Lang, frame: u64, line: &DifferentLine) -> String {
    let DifferentLine { seen, expected, .. } = line;
    both!(
        lang,
        "the details pane shows \"{seen}\", and of frame {frame} Wireshark shows \"{expected}\"",
        "panel detail menampilkan \"{seen}\", sedangkan untuk frame {frame} Wireshark menampilkan \
         \"{expected}\""
    )
}

/// Details without bytes.
pub fn details_of(lang: Lang, frame: u64, wrong: usize) -> String {
    if wrong == 0 {
        return both!(
            lang,
            "what its lines say is so in frame {frame}",
            "isi barisnya sesuai dengan frame {frame}"
        );
    }
    both!(
        lang,
        "{wrong} of its lines are otherwise in frame {frame}",
        "{wrong} barisnya berbeda dari frame {frame}"
    )
}
