//! From a decoded TCP layer to a [`Segment`].
