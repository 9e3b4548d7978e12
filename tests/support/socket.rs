//! Connections from several addresses of one machine.

use std::io;
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

/// A connection to `server` from an address of this machine, such as 127.0.0.2.
pub(crate) fn connect_from(address: [u8; 4], server: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((address, 0)).into())?;
    socket.connect(&server.into())?;
    Ok(socket.into())
}
