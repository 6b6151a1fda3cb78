//! The table that a run prints, in Markdown.

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

/// What has to be reached, and what is wanted.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// The value is at most so much.
    AtMost { must: f64, goal: f64 },
    /// The value is at least so much.
    AtLeast { must: f64, goal: f64 },
}

/// The rows so far.
#[derive(Debug)]
pub struct Rows {
    table: Table,
    missed: usize,
    absent: usize,
}

impl Rows {
    pub fn new() -> Self {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["work", "against", "ours", "theirs", "result", "must", "goal", ""]);
        Self { table, missed: 0, absent: 0 }
    }

    /// A measured value. `unit` follows it, as in `0.93 x`.
    pub fn add(
        &mut self,
        [work, against, ours, theirs]: [String; 4],
        value: f64,
        unit: &str,
        target: Target,
    ) {
        let (verdict, must, goal) = match target {
            Target::AtMost { must, goal } => {
                let verdict = (value <= must, value <= goal);
                (verdict, format!("≤ {}", short(must)), format!("≤ {}", short(goal)))
            }
            Target::AtLeast { must, goal } => {
                let verdict = (value >= must, value >= goal);
                (verdict, format!("≥ {}", short(must)), format!("≥ {}", short(goal)))
            }
        };
        let verdict = match verdict {
            (_, true) => "goal met",
            (true, false) => "met",
            (false, false) => {
                self.missed += 1;
                "MISSED"
            }
        };
        let value = format!("{} {unit}", short(value));
        let row = [work, against, ours, theirs, value, must, goal, verdict.to_owned()];
        eprintln!("{}", row.join(" | "));
        self.table.add_row(row);
    }

    /// A row that cannot be measured here.
    pub fn absent(&mut self, work: &str, reason: &str) {
        self.absent += 1;
        eprintln!("{work}: {reason}");
        self.table.add_row([work, reason, "", "", "", "", "", "not measured"]);
    }

    /// The table, and how many targets were missed and not measured.
    pub fn finish(self) -> String {
        let (missed, absent) = (self.missed, self.absent);
        format!("{}\n\n{missed} targets missed, {absent} not measured.\n", self.table)
    }
}

/// Three digits that matter.
pub fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
