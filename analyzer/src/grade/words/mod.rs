//! What grading says to people, in English and in Indonesian: one function per message.

pub mod bytes;
pub mod claims;
pub mod contradictions;
pub mod joins;

/// The language of the feedback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Indonesian.
    Id,
}

/// Formats the text of the chosen language; both take the same captured names.
macro_rules! both {
    ($lang:expr, $en:literal, $id:literal) => {
        match $lang {
            crate::grade::words::Lang::En => format!($en),
            crate::grade::words::Lang::Id => format!($id),
        }
    };
}
pub(crate) use both;

/// A picture was read without the recogniser.
#[must_use]
pub fn read_badly(lang: Lang) -> String {
    both!(
        lang,
        "the picture was read by the tesseract program, which can confirm but not contradict: run `make deps` for the recogniser of text and grade again",
        "gambar dibaca oleh program tesseract, yang hanya dapat membenarkan, bukan membantah: jalankan `make deps` untuk pengenal teks lalu nilai lagi"
    )
}
