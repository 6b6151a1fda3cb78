//! A lab's manifest (`run.json`) held against a capture of the run.
//!
//! The manifest is the programs' own account of every connection: how many bytes each end sent
//! and read, their SHA-256, who closed first and how. It is the truth that the capture must
//! show, as far as it passed the recorded interface. What does not fit is a [`Difference`],
//! which says who lost it: the network, between the two programs, or the capture, which did not
//! record what did arrive.

pub use compare::compare;
pub use run::Run;

mod compare;
mod run;

/// Who is to blame for a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// It arrived, or was sent, but the capture does not have it.
    ByCapture,
    /// It was sent, but the other program never got it.
    ByNetwork,
    /// Nothing was lost: the two tell different stories.
    Differs,
}

impl Lost {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ByCapture => "lost by the capture",
            Self::ByNetwork => "lost by the network",
            Self::Differs => "differs",
        }
    }
}

/// Something in which a capture and a manifest do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Who is to blame.
    pub lost: Lost,
    /// One sentence, with the connection's endpoints.
    pub text: String,
    /// The connection's stream number, when it is in the capture.
    pub stream: Option<u32>,
    /// Frames that show it.
    pub frames: Vec<u64>,
}
