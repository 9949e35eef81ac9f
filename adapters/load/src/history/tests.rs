use super::{CHUNKS_LIMIT, Closing, Opening, Pen, SCHEMA_VERSION, way, write};

/// A disk that does not keep up costs lines, and they are counted; nobody waits for it.
#[test]
fn what_finds_no_room_is_counted() {
    let (way, chunks) = way();
    let lost = way.lost();
    let mut pen = Pen::new(way);
    let line = Closing { kind: "line", lines: 0, lost: 0 };
    for _ in 0..CHUNKS_LIMIT + 3 {
        pen.line(&line);
        pen.line(&line);
        pen.hand_over();
    }
    drop(pen);
    let opening = Opening {
        kind: "opening",
        schema_version: SCHEMA_VERSION,
        started_unix_us: 0,
        target: "nobody",
    };
    let mut out = Vec::new();
    let written = write(&mut out, &opening, &chunks, &lost);
    let kept = 2 * CHUNKS_LIMIT as u64;
    assert_eq!((written.lines, written.lost), (kept, 6));
    let text = String::from_utf8(out).expect("lines are text");
    assert_eq!(text.lines().count() as u64, kept + 2);
    let closing = format!(r#"{{"kind":"closing","lines":{kept},"lost":6}}"#);
    assert_eq!(text.lines().last(), Some(&*closing));
}
