//! Every fixture is a case: what it exists to show must still hold of it, and it must still show
//! what was blessed. One test each, as other projects would have it.

analyzer::check::cases!("../fixtures");
