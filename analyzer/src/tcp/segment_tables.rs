//! Tables of segments and the verdicts on them.
