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

/// A picture of a terminal.
pub fn in_terminal(lang: Lang) -> String {
    both!(
        lang,
        "the picture shows a terminal, which is read line by line: what agrees with the capture is \
         confirmed, and nothing is contradicted; hand in the text to have all of it held against \
         the capture",
        "gambar menampilkan terminal yang dibaca baris demi baris: yang sesuai dengan capture \
         dibenarkan, dan tidak ada yang dibantah; serahkan teksnya agar semuanya dibandingkan \
         dengan capture"
    )
}

/// A picture was read without the recogniser.
#[must_use]
pub fn read_badly(lang: Lang) -> String {
    both!(
        lang,
        "the picture was read by the tesseract program, which can confirm but not contradict: run `make deps` for the recogniser of text and grade again",
        "gambar dibaca oleh program tesseract, yang hanya dapat membenarkan, bukan membantah: jalankan `make deps` untuk pengenal teks lalu nilai lagi"
    )
}
