//! System calls that the standard library does not have: descriptors over sockets, fork, limits.
#![expect(unsafe_code, reason = "the calls have no safe interface in the standard library")]

use std::fs::File;
use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Bytes of a control message with one descriptor, aligned as the kernel requires.
#[repr(C, align(8))]
struct ControlBuffer([u8; 64]);

/// Converts the result of a system call.
fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Calls `with` with a message of one byte and room for a control message.
fn with_message<T>(byte: &mut u8, control: &mut ControlBuffer, with: impl FnOnce(&mut libc::msghdr) -> T) -> T {
    let mut vector = libc::iovec { iov_base: std::ptr::from_mut(byte).cast(), iov_len: 1 };
    // SAFETY: all fields of the structure may be zero.
    let mut message: libc::msghdr = unsafe { zeroed() };
    message.msg_iov = &raw mut vector;
    message.msg_iovlen = 1;
    message.msg_control = control.0.as_mut_ptr().cast();
    message.msg_controllen = control.0.len() as _;
    with(&mut message)
}

/// Sends the descriptor of an open file, and a byte that says what is to be done with it.
pub(super) fn send_file(socket: &UnixStream, file: &File, mut byte: u8) -> io::Result<()> {
    let mut control = ControlBuffer([0; 64]);
    with_message(&mut byte, &mut control, |message| {
        // SAFETY: the message's pointers are valid for this call; the buffer has room for one descriptor, and
        // CMSG_FIRSTHDR is not null because the buffer is larger than a header.
        let sent = unsafe {
            message.msg_controllen = libc::CMSG_SPACE(size_of::<RawFd>() as u32) as _;
            let header = libc::CMSG_FIRSTHDR(message);
            (*header).cmsg_level = libc::SOL_SOCKET;
            (*header).cmsg_type = libc::SCM_RIGHTS;
            (*header).cmsg_len = libc::CMSG_LEN(size_of::<RawFd>() as u32) as _;
            libc::CMSG_DATA(header).cast::<RawFd>().write_unaligned(file.as_raw_fd());
            libc::sendmsg(socket.as_raw_fd(), message, libc::MSG_NOSIGNAL)
        };
        if sent == 1 { Ok(()) } else { Err(io::Error::last_os_error()) }
    })
}

/// Receives an open file and its byte; `None` when the other side has closed the socket.
pub(super) fn receive_file(socket: &UnixStream) -> io::Result<Option<(File, u8)>> {
    let (mut byte, mut control) = (0, ControlBuffer([0; 64]));
    let file = with_message(&mut byte, &mut control, |message| {
        loop {
            // SAFETY: the message's pointers are valid for this call.
            let received = unsafe { libc::recvmsg(socket.as_raw_fd(), message, libc::MSG_CMSG_CLOEXEC) };
            match received {
                0 => return Ok(None),
                1 => break,
                _ => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
            }
        }
        // SAFETY: the kernel has filled the buffer; a header of this type and length has one descriptor, which is new
        // and belongs to nothing else.
        unsafe {
            let header = libc::CMSG_FIRSTHDR(message);
            let has_file = !header.is_null()
                && (*header).cmsg_level == libc::SOL_SOCKET
                && (*header).cmsg_type == libc::SCM_RIGHTS
                && (*header).cmsg_len as usize == libc::CMSG_LEN(size_of::<RawFd>() as u32) as usize;
            if !has_file {
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            }
            let descriptor = libc::CMSG_DATA(header).cast::<RawFd>().read_unaligned();
            Ok(Some(File::from(OwnedFd::from_raw_fd(descriptor))))
        }
    })?;
    Ok(file.map(|file| (file, byte)))
}

/// The two processes after [`fork`].
pub(super) enum Fork {
    Parent(ChildProcess),
    Child(ChildExit),
}

/// In the parent: the child. It must be killed with [`ChildProcess::kill`], which also reaps it.
pub(super) struct ChildProcess(libc::pid_t);

/// In the child: its only way out, so that it never returns into the parent's code.
pub(super) struct ChildExit(());

/// Duplicates the process. Must be called while it has one thread: locks that other threads hold stay locked in the
/// child.
pub(super) fn fork() -> io::Result<Fork> {
    // SAFETY: the worker has one thread, so that the child is a complete copy.
    let pid = check(unsafe { libc::fork() })?;
    Ok(if pid == 0 { Fork::Child(ChildExit(())) } else { Fork::Parent(ChildProcess(pid)) })
}

impl ChildProcess {
    /// Kills and reaps the process. Returns whether it had been ended because it had used its CPU time.
    pub(super) fn kill(self) -> io::Result<bool> {
        let mut status = 0;
        // SAFETY: the process is a child that has not been reaped, so that its id is not reused.
        let reaped = unsafe {
            libc::kill(self.0, libc::SIGKILL);
            libc::waitpid(self.0, &raw mut status, 0)
        };
        check(reaped)?;
        Ok(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGXCPU)
    }
}

impl ChildExit {
    /// Ends the process without the exit handlers, which belong to the parent and may wait for a decoder.
    pub(super) fn exit(self, is_failure: bool) -> ! {
        // SAFETY: the call does not return.
        unsafe { libc::_exit(i32::from(is_failure)) }
    }
}

/// Waits until something can be read, or the other end is closed.
pub(super) fn is_readable(source: &impl AsFd, timeout: Duration) -> io::Result<bool> {
    let mut poll = libc::pollfd { fd: source.as_fd().as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let millis = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    loop {
        // SAFETY: the structure is valid for this call.
        match check(unsafe { libc::poll(&raw mut poll, 1, millis) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return Ok(result? > 0),
        }
    }
}

/// A resource of a process that can be limited.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    CoreBytes,
    CpuSecs,
    DataBytes,
    FileBytes,
    OpenFiles,
}

/// Limits a resource, at most to the limit in force.
pub(super) fn limit(resource: Limit, value: u64) -> io::Result<()> {
    let resource = match resource {
        Limit::CoreBytes => libc::RLIMIT_CORE,
        Limit::CpuSecs => libc::RLIMIT_CPU,
        Limit::DataBytes => libc::RLIMIT_DATA,
        Limit::FileBytes => libc::RLIMIT_FSIZE,
        Limit::OpenFiles => libc::RLIMIT_NOFILE,
    };
    let mut current = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structures are valid for these calls.
    unsafe {
        check(libc::getrlimit(resource, &raw mut current))?;
        let value = current.rlim_max.min(value);
        // The signal of the soft CPU limit tells it apart from a kill; the hard one would follow at once.
        let hard = if resource == libc::RLIMIT_CPU { current.rlim_max.min(value + 1) } else { value };
        check(libc::setrlimit(resource, &libc::rlimit { rlim_cur: value, rlim_max: hard }))?;
    }
    Ok(())
}

/// Has the kernel kill this process when the thread that has started it ends.
pub(super) fn die_with_parent() -> io::Result<()> {
    // SAFETY: the call takes no pointers.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong) })?;
    Ok(())
}

/// Forbids this process and its children to gain privileges by executing a file.
pub(super) fn forbid_new_privileges() -> io::Result<()> {
    let (on, unused): (libc::c_ulong, libc::c_ulong) = (1, 0);
    // SAFETY: the call takes no pointers.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, on, unused, unused, unused) })?;
    Ok(())
}

/// Has writes beyond the limit of file sizes fail instead of ending the process.
pub(super) fn ignore_file_size_signal() {
    // SAFETY: no handler is installed.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// Lowers the priority of this process. A failure only means that it competes with the server.
pub(super) fn lower_priority(steps: i32) {
    // SAFETY: the call takes no pointers.
    let _ = unsafe { libc::nice(steps) };
}

/// Closes all descriptors but the standard ones. Failures are ignored: kernels before 5.9 lack the call.
pub(super) fn close_inherited() {
    let (first, last, flags) = (libc::STDERR_FILENO + 1, libc::c_uint::MAX, 0);
    // SAFETY: called before this process has opened anything, so that no owner of a descriptor exists.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
}

/// Replaces an open file by one that reads and writes nothing.
pub(super) fn detach(target: impl AsFd) -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    // SAFETY: both descriptors are open; the target stays so.
    check(unsafe { libc::dup2(null.as_raw_fd(), target.as_fd().as_raw_fd()) }).map(drop)
}
