//! Tables for the language, the errors and the evaluation.

mod grammar;
