//! Work that is taken to another machine and brought back: packets out, a project made from a packet, packets in.

mod merge;
mod out;
mod unpack;

pub use merge::{Merged, PacketSaid, merge_packet, merge_said, read_packet};
pub use out::{Assignment, PacketRequest, PacketsOut, packets_out};
pub use unpack::unpack;

use crate::data::ITEM_COLUMN;

/// The column of the data inside a project made from a packet that names items as the project at home does.
const ITEM: &str = ITEM_COLUMN;
