//! Why a picture gave no packet list.

/// What is wrong with a picture, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no picture that can be decoded.
    #[error("the picture cannot be decoded ({0}); save it again as PNG")]
    Undecodable(String),
    /// It is larger than any screen.
    #[error(
        "the picture has {width} x {height} pixels, more than any window of Wireshark (at most \
         {limit} pixels on a side, {area} million in all); cut out the window"
    )]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Most pixels on a side.
        limit: u32,
        /// Most million pixels.
        area: u64,
    },
    /// No packet list was found in it.
    #[error(
        "no packet list was found in the picture: at least four of the titles No., Time, Source, \
         Destination, Protocol, Length and Info must be seen above the rows, or a terminal in which \
         tshark printed them"
    )]
    NoList,
    /// The recogniser cannot be loaded.
    #[error("{0}")]
    NoRecogniser(String),
    /// The recogniser failed.
    #[error("reading text from the picture failed: {0}")]
    Recogniser(String),
}
