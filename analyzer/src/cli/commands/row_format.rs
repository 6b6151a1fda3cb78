//! The `--format` of commands that write rows.

use analyzer::listing::rows::RowFormat;

/// The names that the user may give.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum RowFormatName {
    /// A table on a terminal, else tab-separated.
    #[default]
    Auto,
    /// Tab-separated, a header line, `-` for what is not there.
    Tsv,
    /// Comma-separated, a header line.
    Csv,
    /// One JSON object per line.
    #[value(alias = "json")]
    Ndjson,
    /// Aligned columns, the main ones only.
    Table,
}

impl RowFormatName {
    /// The format that is meant.
    pub fn resolve(self, is_terminal: bool) -> RowFormat {
        match self {
            Self::Auto if is_terminal => RowFormat::Table,
            Self::Auto | Self::Tsv => RowFormat::Tsv,
            Self::Csv => RowFormat::Csv,
            Self::Ndjson => RowFormat::Ndjson,
            Self::Table => RowFormat::Table,
        }
    }
}
