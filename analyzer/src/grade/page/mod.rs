//! One submission as a page: what holds, what does not, and the proof, readable on a phone, on
//! paper, by day and by night.
//!
//! A page is one file without scripts and without anything to fetch. All text from a hand-in is
//! escaped.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::model::{
    CellVerdict, ClaimVerdict, GradeReport, GradedCell, GradedEvidence, GradedItem, GradedRow,
    Join, ListFindingKind, Origin,
};
use super::rubric::{Lang, code};
use super::words::bytes::details_pane;
use crate::evidence::{Column, Content, Evidence, Region};
use crate::provenance::{SharedPair, Sign, TraitKind};

mod picture;
#[cfg(test)]
mod tests;

/// Looks of all pages.
pub(super) const STYLE: &str = include_str!("style.css");
/// Rows of a piece that are shown; the worst of them count anyway.
const MOST_ROWS: usize = 500;

/// What a page shows beside the report.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Whose it is, or what it is called.
    pub title: &'a str,
    /// The evidence as it was read, piece by piece as in the report: where cells stand in
    /// pictures is known here only. May be empty.
    pub evidence: &'a [Evidence],
    /// Signs that a capture was changed, with its file.
    pub signs: &'a [(String, Sign)],
    /// Captures that it shares with other submissions; for teachers only.
    pub shared: &'a [SharedPair],
    /// The language.
    pub lang: Lang,
}

/// The words of a page in both languages.
pub(super) const fn say(
    lang: Lang,
    english: &'static str,
    indonesian: &'static str,
) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::Id => indonesian,
    }
}

/// The page.
#[must_use]
pub fn page(report: &GradeReport, beside: Beside<'_>) -> String {
    let lang = beside.lang;
    let body = html! {
        (heading(report, &beside))
        (items(&report.items, lang))
        @for (at, piece) in report.evidence.iter().enumerate() {
            (evidence(piece, beside.evidence.get(at), lang))
        }
        (joins(&report.joins, lang))
        (signs(beside.signs, lang))
        (shared(beside.shared, lang))
    };
    document(beside.title, lang, &body)
}

/// The frame of every page.
pub(super) fn document(title: &str, lang: Lang, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang=(code(lang)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    }
    .into_string()
}

/// What was found beside the manifest of a lab's run.
fn joins(joins: &[Join], lang: Lang) -> Markup {
    html! {
        @if !joins.is_empty() {
            section {
                h2 { (say(lang, "The lab's own account", "Catatan lab")) " (run.json)" }
                ul {
                    @for join in joins {
                        li class=(if join.holds { "good" } else { "bad" }) {
                            b { (name(&join.file)) ": " } (join.why) (frames(&join.frames, lang))
                        }
                    }
                }
            }
        }
    }
}

/// A file without its folders.
fn name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

/// A file with the folder of its submission.
fn within_class(file: &str) -> &str {
    let mut parts = file.rmatch_indices(['/', '\\']).skip(1);
    parts.next().and_then(|(at, _)| file.get(at + 1..)).unwrap_or(file)
}

fn heading(report: &GradeReport, beside: &Beside<'_>) -> Markup {
    let lang = beside.lang;
    html! {
        header {
            h1 { (beside.title) }
            @if let (Some(score), Some(max)) = (report.score, report.max_score) {
                p.score { strong { (number(score)) } " / " (number(max)) " "
                    (say(lang, "points", "poin")) }
            }
            p class=(if report.holds { "verdict good" } else { "verdict bad" }) {
                @if report.holds {
                    (say(lang, "Everything that was claimed holds.", "Semua yang diklaim benar."))
                } @else {
                    (say(lang, "Some of what was claimed does not hold; below is what, and why.",
                        "Sebagian yang diklaim tidak benar; di bawah ini rincian dan alasannya."))
                }
            }
        }
    }
}

/// Points without a tail of zeros.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn items(items: &[GradedItem], lang: Lang) -> Markup {
    html! {
        @for item in items {
            section.item {
                h2 {
                    span class=(if item.holds { "mark good" } else { "mark bad" }) {
                        (if item.holds { "✓" } else { "✗" })
                    }
                    " " (item.title)
                    span.points { (number(item.points)) " / " (number(item.max_points)) }
                }
                p { (item.why) }
                (frames(&item.frames, lang))
            }
        }
    }
}

fn frames(frames: &[u64], lang: Lang) -> Markup {
    let list: Vec<String> = frames.iter().map(u64::to_string).collect();
    html! {
        @if !list.is_empty() {
            p.frames { (say(lang, "Frames: ", "Frame: ")) (list.join(", ")) }
        }
    }
}

fn evidence(piece: &GradedEvidence, read: Option<&Evidence>, lang: Lang) -> Markup {
    html! {
        section.evidence {
            h2 { (name(&piece.file)) @if piece.line > 1 { span.line { ":" (piece.line) } } }
            p.source { (source(piece, lang)) }
            (findings(piece, lang))
            (rows(piece, read, lang))
        }
    }
}

fn source(piece: &GradedEvidence, lang: Lang) -> Markup {
    let word = match piece.source {
        Origin::ThisCapture => say(lang, "shows this capture", "menunjukkan capture ini"),
        Origin::AnotherRun => say(
            lang,
            "shows another run of the same lab",
            "menunjukkan percobaan lain dari lab yang sama",
        ),
        Origin::AnotherCapture => say(lang, "shows another capture", "menunjukkan capture lain"),
        Origin::Unknown => {
            say(lang, "which run it shows is not known", "tidak diketahui percobaan mana")
        }
    };
    html! {
        (word)
        @if let Some(capture) = &piece.capture { " (" (name(capture)) ")" }
        @if let Some(because) = &piece.source_because { ": " (because) }
    }
}

fn findings(piece: &GradedEvidence, lang: Lang) -> Markup {
    let is_empty = piece.list_findings.is_empty()
        && piece.contradictions.is_empty()
        && piece.unread_lines.is_empty()
        && piece.details.is_none()
        && piece.claims.is_empty();
    html! {
        @if !is_empty {
            ul {
                @if let Some(details) = &piece.details {
                    li.quiet { (details_pane(lang, details)) }
                }
                @if !piece.unread_lines.is_empty() {
                    li.quiet { (say(lang, "could not be read as rows: lines ",
                        "tidak terbaca sebagai baris daftar: baris "))
                        (lines(&piece.unread_lines)) }
                }
                @for finding in &piece.list_findings {
                    li.bad { b { (finding_word(finding.kind, lang)) ": " } (finding.why)
                        (frames(&finding.frames, lang)) }
                }
                @for found in &piece.contradictions {
                    li.bad { b { (name(&found.place)) ": " } (found.why) (frames(&found.frames, lang))
                        (cropped(piece, found.region, name(&found.place))) }
                }
                @for claim in &piece.claims {
                    li class=(claim_class(claim.verdict)) {
                        q { (claim.text) } " — " b { (claim_word(claim.verdict, lang)) }
                        @if !claim.why.is_empty() { ": " (claim.why) }
                        (frames(&claim.frames, lang))
                    }
                }
            }
        }
    }
}

/// The first few lines.
fn lines(lines: &[u32]) -> String {
    const SHOWN: usize = 20;
    let mut names: Vec<String> = lines.iter().take(SHOWN).map(u32::to_string).collect();
    if lines.len() > SHOWN {
        names.push("…".into());
    }
    names.join(", ")
}

const fn finding_word(kind: ListFindingKind, lang: Lang) -> &'static str {
    match kind {
        ListFindingKind::Removed => say(lang, "rows missing", "baris hilang"),
        ListFindingKind::Swapped => say(lang, "rows swapped", "baris tertukar"),
        ListFindingKind::Repeated => say(lang, "rows repeated", "baris berulang"),
        ListFindingKind::Reordered => say(lang, "rows out of order", "baris tidak berurutan"),
    }
}

const fn claim_word(verdict: ClaimVerdict, lang: Lang) -> &'static str {
    match verdict {
        ClaimVerdict::True => say(lang, "true", "benar"),
        ClaimVerdict::False => say(lang, "false", "salah"),
        ClaimVerdict::Unsupported => {
            say(lang, "cannot be told from this", "tidak dapat dibuktikan")
        }
        ClaimVerdict::NotUnderstood => say(lang, "not understood", "tidak dipahami"),
    }
}

const fn claim_class(verdict: ClaimVerdict) -> &'static str {
    match verdict {
        ClaimVerdict::True => "good",
        ClaimVerdict::False => "bad",
        ClaimVerdict::Unsupported | ClaimVerdict::NotUnderstood => "quiet",
    }
}

fn rows(piece: &GradedEvidence, read: Option<&Evidence>, lang: Lang) -> Markup {
    html! {
        @if !piece.rows.is_empty() {
            div.scroll {
                table {
                    thead { tr {
                        th { (say(lang, "Line", "Baris")) }
                        th { "Frame" }
                        th { (say(lang, "Row as shown", "Baris seperti ditunjukkan")) }
                    } }
                    tbody {
                        @for row in piece.rows.iter().take(MOST_ROWS) {
                            (graded_row(piece, row, read, lang))
                        }
                    }
                }
            }
            @if piece.rows.len() > MOST_ROWS {
                p.quiet { (piece.rows.len() - MOST_ROWS) " "
                    (say(lang, "rows more are not shown here", "baris lain tidak ditampilkan")) }
            }
        }
    }
}

fn graded_row(
    piece: &GradedEvidence,
    row: &GradedRow,
    read: Option<&Evidence>,
    lang: Lang,
) -> Markup {
    html! {
        tr {
            td.number { (row.line) }
            td.number {
                @match row.frame {
                    Some(frame) => (frame),
                    None if piece.capture.is_some() => span.bad {
                        (say(lang, "in no frame", "tidak ada")) },
                    None => "–",
                }
            }
            td {
                @for cell in &row.cells {
                    (graded_cell(cell, lang)) " "
                    @if cell.verdict >= Some(CellVerdict::Suspect) {
                        (cropped(piece, read.and_then(|read| region(read, row.line, cell.column)),
                            &format!("row {}", row.line)))
                    }
                }
            }
        }
    }
}

fn graded_cell(cell: &GradedCell, lang: Lang) -> Markup {
    let class = match cell.verdict {
        Some(CellVerdict::Mismatch) => "cell mismatch",
        Some(CellVerdict::Suspect) => "cell suspect",
        Some(CellVerdict::Near) => "cell near",
        Some(CellVerdict::Unreadable) => "cell unreadable",
        Some(CellVerdict::Match | CellVerdict::Cut) | None => "cell",
    };
    let shows_other = cell.verdict >= Some(CellVerdict::Near);
    html! {
        span class=(class) {
            (cell.seen)
            @if cell.verdict == Some(CellVerdict::Cut) { "…" }
        }
        @if shows_other && let Some(expected) = &cell.expected {
            span.expected { " (" (say(lang, "capture: ", "capture: ")) (expected) ")" }
        }
    }
}

/// A part of the picture with some of what is around it, framed; nothing for text.
fn cropped(piece: &GradedEvidence, region: Option<Region>, alt: &str) -> Markup {
    let picture = region.and_then(|region| picture::cropped(piece.file.as_ref(), region));
    html! {
        @if let Some(data) = picture {
            img.crop src={ "data:image/png;base64," (data) } alt=(alt);
        }
    }
}

fn region(read: &Evidence, line: u32, column: Column) -> Option<Region> {
    let list = match &read.content {
        Content::PacketList(list) => list,
        #[cfg(feature = "screenshot")]
        Content::Screenshot(shot) => &shot.list,
        _ => return None,
    };
    list.rows.iter().find(|row| row.line == line)?.cell(column)?.region
}

fn signs(signs: &[(String, Sign)], lang: Lang) -> Markup {
    html! {
        @if !signs.is_empty() {
            section {
                h2 { (say(lang, "What does not fit within the capture", "Hal yang tidak cocok di dalam capture")) }
                p.quiet { (say(lang,
                    "These are observations. None of them says that somebody changed anything.",
                    "Ini hanya pengamatan, bukan tuduhan bahwa seseorang mengubah sesuatu.")) }
                ul { @for (file, sign) in signs {
                    li { b { (file) ": " } (sign.what) (frames(&sign.frames, lang)) }
                } }
            }
        }
    }
}

/// What the numbers of examples count: rows of a list may stand beside frames of a capture.
const fn place(kind: TraitKind, lang: Lang) -> &'static str {
    match kind {
        TraitKind::RowTimes => say(lang, "row or frame", "baris atau frame"),
        _ => "frame",
    }
}

/// Pairs of recordings with one origin, and their evidence.
pub(super) fn shared(pairs: &[SharedPair], lang: Lang) -> Markup {
    html! {
        @if !pairs.is_empty() {
            section {
                h2 { (say(lang, "Recordings with one origin", "Rekaman dengan asal yang sama")) }
                ul { @for pair in pairs { li {
                    b { (within_class(&pair.file)) " ~ " (within_class(&pair.other_file)) }
                    " (" (format!("{:.0} %", pair.similarity * 100.0)) "): " (pair.why)
                    ul { @for shared in &pair.traits {
                        @for example in shared.examples.iter().take(2) {
                            li.quiet { (example.value) ": " (place(shared.kind, lang)) " " (example.frame) " = "
                                (example.other_frame) }
                        }
                    } }
                } } }
            }
        }
    }
}
