//! Cameras that lie: whatever they send, the others are recorded, and the process stays as large as it was.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use repcast_capture::{AddressRules, Camera, CameraRequest, CameraState, CameraUrl};
use tokio::runtime::Handle;

use super::rtsp_camera::{CameraKind, H264, RtspCamera};

/// How long all of them lie.
const WATCHED: Duration = Duration::from_secs(12);

/// What a camera answers: to each request, or bytes after it plays.
enum Lie {
    /// These bytes, to whatever comes first.
    Raw(Vec<u8>),
    /// These bytes, again and again.
    Endless(Vec<u8>),
    /// A description, then these packets when it plays.
    Plays(String, Vec<u8>),
    /// Nothing, ever.
    Silence,
    /// The end of the connection.
    Hangup,
}

/// A description of H.264 with these parameters.
fn sdp(media: &str) -> String {
    format!("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n{media}")
}

fn h264(parameters: &str) -> String {
    sdp(&format!(
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1{parameters}\r\na=control:track1\r\n"
    ))
}

/// A packet of RTP in the connection.
fn packet(channel: u8, sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(12 + payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![b'$', channel];
    bytes.extend(length);
    bytes.extend([0x80, 96]);
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(timestamp.to_be_bytes());
    bytes.extend(7_u32.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Many packets, of which this makes the timestamp and the payload.
fn packets(count: u16, make: impl Fn(u16) -> (u32, Vec<u8>)) -> Vec<u8> {
    (0..count)
        .flat_map(|number| {
            let (timestamp, payload) = make(number);
            packet(0, number, timestamp, &payload)
        })
        .collect()
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("RTSP/1.0 {status}\r\nCSeq: 1\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn lies() -> Vec<Lie> {
    use Lie::{Endless, Hangup, Plays, Raw, Silence};
    let good = || h264(";sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==");
    vec![
        Silence,
        Hangup,
        Raw(Vec::new()),
        Raw(b"\0\0\0\0\0\0\0\0".to_vec()),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec()),
        Raw(b"RTSP/1.0 200".to_vec()),
        Raw(b"RTSP/9.9 999 \xff\xfe\r\n\r\n".to_vec()),
        Raw(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: -5\r\n\r\n".to_vec()),
        Raw(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 99999999999999999999\r\n\r\n".to_vec()),
        Raw(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: 4000000000\r\n\r\nv=0"
            .to_vec()),
        Raw(b"RTSP/1.0 200 OK\r\nCSeq: 77777\r\n\r\n".to_vec()),
        Raw(b"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://169.254.169.254/\r\n\r\n".to_vec()),
        Raw(b"RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Digest\r\n\r\n".to_vec()),
        Raw(b"RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"\\\", nonce=,,, qop=\"\xff\"\r\n\r\n"
            .to_vec()),
        Raw(answer("200 OK", "Content-Type: application/sdp\r\n", "no description")),
        Raw(answer("200 OK", "Content-Type: application/sdp\r\n", &sdp(""))),
        Raw(answer("200 OK", "Content-Type: application/sdp\r\n", &sdp("m=audio 0 RTP/AVP 0\r\n"))),
        Raw(answer(
            "200 OK",
            "Content-Type: application/sdp\r\n",
            &sdp("m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"),
        )),
        Raw(answer("200 OK", "Content-Type: application/sdp\r\n", &sdp(&"m=video 0 RTP/AVP 96\r\n".repeat(5000)))),
        Raw(answer(
            "200 OK",
            "Content-Type: application/sdp\r\n",
            &sdp("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/0\r\n"),
        )),
        Raw(answer("200 OK", "Content-Type: application/sdp\r\n", &h264(";sprop-parameter-sets=AAAA,BBBB"))),
        Endless(b"X-Header: 0123456789012345678901234567890123456789\r\n".to_vec()),
        Endless(vec![b'a'; 4096]),
        Endless(b"$\0\xff\xff".to_vec()),
        Plays(good(), b"$$$$$$$$$$$$$$$$".to_vec()),
        Plays(good(), packet(9, 0, 0, b"x")),
        Plays(good(), b"$\0\0\x04\x80\x60\0\0".to_vec()),
        // Fragments without a start, and one that never ends.
        Plays(good(), packets(400, |number| (u32::from(number) * 3600, vec![0x7c, 0x05, 1, 2, 3]))),
        Plays(
            good(),
            packets(4000, |number| (0, [&[0x7c, if number == 0 { 0x85 } else { 0x05 }], &[7; 1400][..]].concat())),
        ),
        // Aggregates that are longer than they are, and empty units.
        Plays(good(), packets(400, |number| (u32::from(number), vec![0x18, 0xff, 0xff, 0x65]))),
        Plays(good(), packets(400, |_| (0, Vec::new()))),
        // Times that jump, pictures that are none.
        Plays(
            good(),
            packets(4000, |number| (u32::from(number).wrapping_mul(2_654_435_761), vec![0x65, 0xff, 0, 0, 3, 9])),
        ),
        Plays(good(), packets(400, |number| (u32::from(number) * 3600, vec![0x67, 0xff, 0xff, 0xff, 0xff]))),
    ]
}

/// A camera that lies to all who connect.
fn start(lie: Lie) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let lie = Arc::new(lie);
    // They lie until the tests end.
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let lie = lie.clone();
            thread::spawn(move || serve(client, &lie));
        }
    });
    port
}

fn serve(mut client: TcpStream, lie: &Lie) {
    match lie {
        Lie::Hangup => {}
        Lie::Silence => drop(client.read_to_end(&mut Vec::new())),
        Lie::Raw(bytes) => {
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(bytes);
            let _ = client.read_to_end(&mut Vec::new());
        }
        Lie::Endless(bytes) => {
            let _ = client.write_all(b"RTSP/1.0 200 OK\r\n");
            // As fast as the network of a camera, a hundred megabits a second at most.
            while client.write_all(bytes).is_ok() {
                thread::sleep(Duration::from_micros(bytes.len() as u64 / 12));
            }
        }
        Lie::Plays(description, after) => play(&client, description, after),
    }
}

/// As a camera up to the first packet.
fn play(mut client: &TcpStream, description: &str, after: &[u8]) {
    let mut lines = BufReader::new(client).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        let sequence = head.iter().find_map(|line| line.strip_prefix("CSeq: ")).unwrap_or("1");
        let (headers, body) = match request.split(' ').next() {
            Some("DESCRIBE") => ("Content-Type: application/sdp\r\n", description),
            Some("SETUP") => ("Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", ""),
            _ => ("Session: 1\r\n", ""),
        };
        let head = format!("RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        if client.write_all(&[head.as_bytes(), body.as_bytes()].concat()).is_err() {
            return;
        }
        if request.starts_with("PLAY") && client.write_all(after).is_err() {
            return;
        }
    }
}

/// Bytes of memory that the process uses.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
fn cameras_that_lie_harm_no_one() {
    let runtime = super::recorder::runtime();
    let honest = RtspCamera::start(CameraKind { video: H264, audio: "", has_login: false });
    let open = |port: u16| {
        let (url, credentials) = CameraUrl::parse(&format!("rtsp://user:pass@127.0.0.1:{port}/live")).unwrap();
        let rules = AddressRules::new(vec!["127.0.0.1".parse().unwrap()]);
        Camera::open(CameraRequest { url, credentials, rules }, &Handle::current())
    };
    let guard = runtime.enter();
    let camera = open(honest.port);
    let liars: Vec<Camera> = lies().into_iter().map(|lie| open(start(lie))).collect();
    drop(guard);
    assert!(liars.len() >= 30);
    let (before, started) = (memory(), Instant::now());
    let mut largest = before;
    while started.elapsed() < WATCHED {
        thread::sleep(Duration::from_millis(100));
        largest = largest.max(memory());
    }
    // What three networks carry until a connection that brings no picture is ended.
    assert!(largest - before < 500 << 20, "{} MiB", (largest - before) >> 20);
    // Tried again and again, and never believed for long.
    for (number, liar) in liars.iter().enumerate() {
        let status = liar.status();
        assert!(status.state != CameraState::Connecting || status.frames == 0, "{number}: {status:?}");
    }
    let status = camera.status();
    assert_eq!(status.state, CameraState::Streaming);
    assert!(status.frames > 25, "{}", status.frames);
}
