//! The server's ends of connections, as the kernel lists them.
//!
//! A client that does not read cannot see that it was given up: the end of the stream queues behind what it left. Both
//! ends are on this machine, though, so the kernel's table tells.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;

use crate::Result;

/// A connection that the server holds open, in the kernel's table.
const ESTABLISHED: &str = "01";

/// One connection, by the client's port.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Link {
    pub(crate) held_by_server: bool,
    /// Bytes that lie in the kernel on either side.
    pub(crate) queued: u64,
}

/// All connections to the server.
pub(crate) fn links(server: SocketAddr) -> Result<HashMap<u16, Link>> {
    let mut links = HashMap::new();
    // A server that listens on both families has its connections in the second table, whatever the client's family.
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        // Without IPv6 there is no second one.
        if let Ok(text) = fs::read_to_string(table) {
            read(&text, server.port(), &mut links);
        }
    }
    if links.is_empty() { Err("/proc/net/tcp shows no connection to the server".into()) } else { Ok(links) }
}

fn read(table: &str, server: u16, links: &mut HashMap<u16, Link>) {
    for line in table.lines().skip(1) {
        let mut fields = line.split_whitespace().skip(1);
        let mut field = || fields.next().unwrap_or_default();
        let port = |address: &str| u16::from_str_radix(address.rsplit(':').next()?, 16).ok();
        let (Some(local), Some(remote)) = (port(field()), port(field())) else { continue };
        let (state, queues) = (field(), field());
        let mut queues = queues.split(':').filter_map(|queue| u64::from_str_radix(queue, 16).ok());
        let (sending, received) = (queues.next().unwrap_or(0), queues.next().unwrap_or(0));
        if local == server && remote != 0 {
            let link = links.entry(remote).or_default();
            link.held_by_server = state == ESTABLISHED;
            link.queued += sending;
        } else if remote == server {
            links.entry(local).or_default().queued += received;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_connection_are_one_link() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
             0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1\n\
             1: 0100007F:1F90 0100007F:C001 01 00000010:00000000 00:00000000 00000000 0 0 2\n\
             2: 0100007F:C001 0100007F:1F90 01 00000000:00000020 00:00000000 00000000 0 0 3\n\
             3: 0100007F:1F90 0100007F:C002 04 00000005:00000000 00:00000000 00000000 0 0 0\n";
        let mut links = HashMap::new();
        read(table, 8080, &mut links);
        let open = Link { held_by_server: true, queued: 48 };
        let closed = Link { held_by_server: false, queued: 5 };
        assert_eq!(links, HashMap::from([(0xc001, open), (0xc002, closed)]));
    }
}
