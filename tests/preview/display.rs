//! A virtual X display with a window manager, which end with the test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, Window as Id, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::{CURRENT_TIME, NONE};

use super::support::process::{LIMIT, signal, until};

/// Width and height of the screen.
pub(crate) const SCREEN: (u16, u16) = (1600, 1000);

/// An X display.
pub(crate) struct Display {
    /// The X server and the window manager, if this process started them.
    children: Vec<Child>,
    /// The value of `DISPLAY`, such as `:7`.
    pub(crate) name: String,
    pub(crate) connection: RustConnection,
    pub(crate) root: Id,
}

impl Display {
    /// Starts an X server with an unused number, and a window manager.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts an X server with further options.
    pub(crate) fn with(options: &[&str]) -> Self {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &format!("{}x{}x24", SCREEN.0, SCREEN.1), "-noreset"]);
        let mut server = spawn(command.args(options).stdout(Stdio::piped()));
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let name = format!(":{}", number.trim());
        let manager = spawn(Command::new("openbox").arg("--sm-disable").env("DISPLAY", &name).stdout(Stdio::null()));
        let mut display = Self::connect(&name);
        display.children = vec![server, manager];
        until("the window manager has started", LIMIT, || display.property(display.root, "_NET_SUPPORTING_WM_CHECK"));
        display
    }

    /// A display that another process has started.
    pub(crate) fn connect(name: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(name)).unwrap();
        let root = connection.setup().roots[screen].root;
        Self { children: Vec::new(), name: name.to_owned(), connection, root }
    }

    /// Sends the X server a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.children[0].id(), name);
    }

    /// Sends input events as a keyboard and a mouse do.
    pub(crate) fn xdotool(&self, args: &[&str]) {
        let mut command = Command::new("xdotool");
        let output = command.args(args).env("DISPLAY", &self.name).output();
        let output = output.unwrap_or_else(|error| panic!("xdotool: {error}; run script/bootstrap"));
        assert!(output.status.success(), "xdotool {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The program's window, if it has one.
    pub(crate) fn find(&self) -> Option<Id> {
        self.windows_below(self.root).into_iter().find(|id| self.class(*id).contains("repcast"))
    }

    /// All windows below a window; those that are destroyed meanwhile are skipped.
    fn windows_below(&self, id: Id) -> Vec<Id> {
        let tree = self.connection.query_tree(id).unwrap().reply();
        let children = tree.map(|tree| tree.children).unwrap_or_default();
        children.into_iter().flat_map(|child| [vec![child], self.windows_below(child)].concat()).collect()
    }

    fn class(&self, id: Id) -> String {
        let (property, kind) = (AtomEnum::WM_CLASS, AtomEnum::STRING);
        let reply = self.connection.get_property(false, id, property, kind, 0, 64).unwrap().reply();
        reply.map(|reply| String::from_utf8_lossy(&reply.value).into_owned()).unwrap_or_default()
    }

    /// The first number of a window's property.
    pub(crate) fn property(&self, id: Id, name: &str) -> Option<u32> {
        let reply = self.connection.get_property(false, id, self.atom(name), AtomEnum::ANY, 0, 1).unwrap().reply();
        reply.ok()?.value32()?.next()
    }

    fn atom(&self, name: &str) -> u32 {
        self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    /// The text in the clipboard, from the program that has copied it; `None` while there is none.
    pub(crate) fn clipboard(&self) -> Option<String> {
        let id = self.connection.generate_id().unwrap();
        let (class, attributes) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
        let created = self.connection.create_window(0, id, self.root, 0, 0, 1, 1, 0, class, 0, &attributes);
        created.unwrap().check().unwrap();
        let [selection, kind, property] = ["CLIPBOARD", "UTF8_STRING", "REPCAST_TEST"].map(|name| self.atom(name));
        self.connection.convert_selection(id, selection, kind, property, CURRENT_TIME).unwrap().check().unwrap();
        let read = || {
            let reply = self.connection.get_property(true, id, property, AtomEnum::ANY, 0, 1024).unwrap().reply();
            reply.ok().filter(|reply| reply.type_ != NONE).and_then(|reply| String::from_utf8(reply.value).ok())
        };
        // The other program answers within a moment, or not at all.
        let text = (0..20).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            read()
        });
        self.connection.destroy_window(id).unwrap().check().unwrap();
        text
    }

    /// Requests that a window closes, as the window manager's close button does.
    pub(crate) fn request_close(&self, id: Id) {
        let data = [self.atom("WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let message = ClientMessageEvent::new(32, id, self.atom("WM_PROTOCOLS"), data);
        self.connection.send_event(false, id, EventMask::NO_EVENT, message).unwrap().check().unwrap();
    }

    /// Covers the screen with a window above all others.
    pub(crate) fn cover(&self) -> Id {
        let id = self.connection.generate_id().unwrap();
        let attributes = CreateWindowAux::new().override_redirect(1).background_pixel(0x00ff_00ff);
        let (width, height) = SCREEN;
        let (class, visual) = (WindowClass::INPUT_OUTPUT, 0);
        let created =
            self.connection.create_window(0, id, self.root, 0, 0, width, height, 0, class, visual, &attributes);
        created.unwrap().check().unwrap();
        self.connection.map_window(id).unwrap().check().unwrap();
        id
    }

    /// Destroys the covering window.
    pub(crate) fn uncover(&self, id: Id) {
        self.connection.destroy_window(id).unwrap().check().unwrap();
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // A test may have ended it already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn spawn(command: &mut Command) -> Child {
    let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
    child.unwrap_or_else(|error| panic!("{}: {error}; run script/bootstrap", command.get_program().display()))
}
