//! The server's ends of connections in the kernel's tables.
//!
//! A client that does not read cannot detect that the server has closed the connection, because the end of the stream is queued
//! behind unread data. Both ends are on this machine, so the kernel's tables show it.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;

use crate::Result;

/// State of an open connection in the tables.
const ESTABLISHED: &str = "01";

/// One connection, by the client's port.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct KernelSocket {
    pub(crate) is_open_at_server: bool,
    /// Bytes in the kernel's buffers on both sides.
    pub(crate) queued: u64,
}

/// All connections to the server.
pub(crate) fn sockets(server: SocketAddr) -> Result<HashMap<u16, KernelSocket>> {
    let mut sockets = HashMap::new();
    // The connections of a dual-stack server are in the second table, also those of IPv4 clients.
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        // Without IPv6 the second table does not exist.
        if let Ok(text) = fs::read_to_string(table) {
            read(&text, server.port(), &mut sockets);
        }
    }
    if sockets.is_empty() { Err("/proc/net/tcp has no connection to the server".into()) } else { Ok(sockets) }
}

fn read(table: &str, server: u16, sockets: &mut HashMap<u16, KernelSocket>) {
    for line in table.lines().skip(1) {
        let mut fields = line.split_whitespace().skip(1);
        let mut field = || fields.next().unwrap_or_default();
        let port = |address: &str| u16::from_str_radix(address.rsplit(':').next()?, 16).ok();
        let (Some(local), Some(remote)) = (port(field()), port(field())) else { continue };
        let (state, queues) = (field(), field());
        let mut queues = queues.split(':').filter_map(|queue| u64::from_str_radix(queue, 16).ok());
        let (sending, received) = (queues.next().unwrap_or(0), queues.next().unwrap_or(0));
        if local == server && remote != 0 {
            let socket = sockets.entry(remote).or_default();
            socket.is_open_at_server = state == ESTABLISHED;
            socket.queued += sending;
        } else if remote == server {
            sockets.entry(local).or_default().queued += received;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_connection_are_combined() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
             0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1\n\
             1: 0100007F:1F90 0100007F:C001 01 00000010:00000000 00:00000000 00000000 0 0 2\n\
             2: 0100007F:C001 0100007F:1F90 01 00000000:00000020 00:00000000 00000000 0 0 3\n\
             3: 0100007F:1F90 0100007F:C002 04 00000005:00000000 00:00000000 00000000 0 0 0\n";
        let mut sockets = HashMap::new();
        read(table, 8080, &mut sockets);
        let open = KernelSocket { is_open_at_server: true, queued: 48 };
        let closed = KernelSocket { is_open_at_server: false, queued: 5 };
        assert_eq!(sockets, HashMap::from([(0xc001, open), (0xc002, closed)]));
    }
}
