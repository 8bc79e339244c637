// SPDX-License-Identifier: MIT
//
// squeeze: a plugin in Rust, with rustc and nothing else. Each line is answered with its run lengths, aaab as a3b1, and
// "total" with how many bytes the connection has sent in lines so far.
//
// The first half is the part of shiny.h and shiny-plugin.h that the plugin uses, and the only one that is unsafe apart
// from the edges. A panic must not leave a function that C calls: since Rust 1.81 it would end the process there, and
// before it was undefined. So each of them runs within guarded(), and a panic ends one connection.

use std::any::Any;
use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_uint, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;
use std::slice;

// ---- shiny.h and shiny-plugin.h, ABI 1

#[repr(C)]
pub struct Conn {
    private: [u8; 0],
}

extern "C" {
    fn shiny_write(conn: *mut Conn, data: *const c_void, len: usize) -> c_int;
    fn shiny_unread(conn: *mut Conn, n: usize, want: usize) -> c_int;
    fn shiny_congested(conn: *const Conn) -> bool;
    fn shiny_user(conn: *const Conn) -> *mut c_void;
    fn shiny_set_user(conn: *mut Conn, user: *mut c_void);
}

#[repr(C)]
pub struct Param {
    key: *const c_char,
    kind: c_uint,
    required: bool,
    default_value: *const c_char,
    min: i64,
    max: i64,
    choices: *const *const c_char,
    help: *const c_char,
}

const TYPE_SIZE: c_uint = 2;

#[repr(C)]
pub struct Value {
    number: i64,
    text: *const c_char,
}

// The members that every host has. A member that came later may be read if size says that it is there.
#[repr(C)]
pub struct Host {
    size: usize,
    server: *mut c_void,
    section: *const c_char,
    log: extern "C" fn(host: *const Host, level: c_uint, text: *const c_char),
}

const LOG_ERROR: c_uint = 4;

type Load = extern "C" fn(*const Host, *const Value, *mut c_char, *mut *mut c_void) -> c_int;

#[repr(C)]
pub struct Plugin {
    abi: c_uint,
    size: usize,
    param_size: usize,
    name: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    flags: c_uint,
    parameters: *const Param,
    check: Option<extern "C" fn(*const Value, *mut c_char) -> c_int>,
    load: Option<Load>,
    unload: Option<extern "C" fn(*mut c_void)>,
    commit: Option<extern "C" fn(*mut c_void) -> c_int>,
    persistent: Option<extern "C" fn(*const Value) -> bool>,
}

// Tables that nobody changes.
unsafe impl Sync for Plugin {}
struct Parameters([Param; 2]);
unsafe impl Sync for Parameters {}

// ---- The protocol, in safe Rust

struct App {
    host: *const Host,
    line_max: usize,
}

#[derive(Default)]
struct Session {
    total: usize,
}

impl Session {
    fn answer(&mut self, line: &[u8]) -> Vec<u8> {
        if line == b"total" {
            return format!("{}\n", self.total).into_bytes();
        }
        assert!(line != b"panic", "a line asked for it");
        self.total += line.len();
        let mut text = Vec::new();
        for run in runs(line) {
            text.push(run[0]);
            text.extend_from_slice(run.len().to_string().as_bytes());
        }
        text.push(b'\n');
        text
    }
}

// The runs of equal bytes of a line.
fn runs(mut line: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while let Some(first) = line.first() {
        let len = line.iter().take_while(|byte| *byte == first).count();
        let (run, rest) = line.split_at(len);
        all.push(run);
        line = rest;
    }
    all
}

// A connection, for as long as an event function runs.
struct Peer(*mut Conn);

impl Peer {
    fn write(&self, data: &[u8]) -> bool {
        unsafe { shiny_write(self.0, data.as_ptr().cast(), data.len()) == 0 }
    }

    fn unread(&self, n: usize, want: usize) -> bool {
        unsafe { shiny_unread(self.0, n, want) == 0 }
    }

    fn congested(&self) -> bool {
        unsafe { shiny_congested(self.0) }
    }
}

fn answer_lines(app: &App, peer: &Peer, session: &mut Session, mut data: &[u8]) -> bool {
    while !data.is_empty() && !peer.congested() {
        let end = data.iter().position(|byte| *byte == b'\n');
        if end.unwrap_or(data.len()) > app.line_max {
            return false;
        }
        let end = match end {
            Some(end) => end,
            None => return peer.unread(data.len(), data.len() + 1),
        };
        if !peer.write(&session.answer(&data[..end])) {
            return false;
        }
        data = &data[end + 1..];
    }
    peer.unread(data.len(), 0)
}

// ---- The edges

fn message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "a panic",
    }
}

fn guarded(app: &App, function: impl FnOnce() -> bool) -> bool {
    catch_unwind(AssertUnwindSafe(function)).unwrap_or_else(|panic| {
        if let Ok(text) = CString::new(message(&*panic)) {
            unsafe { ((*app.host).log)(app.host, LOG_ERROR, text.as_ptr()) };
        }
        false
    })
}

#[no_mangle]
pub unsafe extern "C" fn handle(
    conn: *mut Conn,
    data: *const c_char,
    len: usize,
    ctx: *mut c_void,
) -> bool {
    let app = &*(ctx as *const App);
    let session = &mut *(shiny_user(conn) as *mut Session);
    let data = slice::from_raw_parts(data.cast(), len);

    guarded(app, || answer_lines(app, &Peer(conn), session, data))
}

#[no_mangle]
pub unsafe extern "C" fn accept(conn: *mut Conn, _ctx: *mut c_void) -> bool {
    shiny_set_user(conn, Box::into_raw(Box::<Session>::default()).cast());
    true
}

#[no_mangle]
pub unsafe extern "C" fn closed(conn: *mut Conn, _error: c_int, _ctx: *mut c_void) {
    drop(Box::from_raw(shiny_user(conn) as *mut Session));
}

extern "C" fn load(
    host: *const Host,
    values: *const Value,
    _error: *mut c_char,
    ret_ctx: *mut *mut c_void,
) -> c_int {
    let line_max = unsafe { (*values).number as usize };
    let app = Box::new(App { host, line_max });

    unsafe { *ret_ctx = Box::into_raw(app).cast() };
    0
}

extern "C" fn unload(ctx: *mut c_void) {
    drop(unsafe { Box::from_raw(ctx as *mut App) });
}

macro_rules! text {
    ($text:literal) => {
        concat!($text, "\0").as_ptr() as *const c_char
    };
}

static PARAMETERS: Parameters = Parameters([
    Param {
        key: text!("line_max"),
        kind: TYPE_SIZE,
        required: false,
        default_value: text!("64K"),
        min: 1,
        max: 1 << 20,
        choices: null(),
        help: text!("a longer line ends the connection"),
    },
    Param {
        key: null(), // the end of the table
        kind: 0,
        required: false,
        default_value: null(),
        min: 0,
        max: 0,
        choices: null(),
        help: null(),
    },
]);

#[export_name = "shiny_plugin"]
pub static SHINY_PLUGIN: Plugin = Plugin {
    abi: 1,
    size: std::mem::size_of::<Plugin>(),
    param_size: std::mem::size_of::<Param>(),
    name: text!("squeeze"),
    version: text!("1.0"),
    summary: text!("run lengths, in Rust"),
    flags: 0,
    parameters: PARAMETERS.0.as_ptr(),
    check: None,
    load: Some(load),
    unload: Some(unload),
    commit: None,
    persistent: None,
};
