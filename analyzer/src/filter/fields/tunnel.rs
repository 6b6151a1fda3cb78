//! Fields of tunnels.

use super::Field;
use crate::filter::kind::Kind::Unsigned;
use crate::wire::Protocol::{Geneve, Gre, Vxlan};

pub(super) const FIELDS: &[Field] = &[
    Field::number("gre.proto", Gre, 2, 2, "protocol of the payload"),
    Field::bits("vxlan.vni", Unsigned(24), Vxlan, (4, 3, 0xff_ffff), "number of the network"),
    Field::bits("geneve.vni", Unsigned(24), Geneve, (4, 3, 0xff_ffff), "number of the network"),
];
