//! The native appender against a disk that fails on demand: what it asks of the disk and in which
//! order, what it writes, and that a failure, a wrong batch or a panic ends as it should. That its
//! files are those of the Python appender, byte for byte, tests/contract/test_journal.py shows.

mod scripted;

use std::fs;
use std::io::ErrorKind;

use cse_native::journal::{
    AppendError, Appender, JournalThread, MAX_BATCH_BYTES, Mark, Place, RealDisk,
};
use proptest::prelude::*;

use scripted::{ENOSPC, Fault, Folder, calls, scripted};

/// A Tick, but for its type number whatever it may be: a header, and a body of `body` bytes.
fn frame(sequence: u64, body: usize) -> Vec<u8> {
    let mut frame = vec![0; 24 + body];
    frame[..4].copy_from_slice(&u32::try_from(24 + body).expect("short").to_le_bytes());
    frame[8..16].copy_from_slice(&sequence.to_le_bytes());
    frame[24..].fill(0xA5);
    frame
}

fn frames(sequences: impl IntoIterator<Item = u64>) -> Vec<u8> {
    sequences
        .into_iter()
        .flat_map(|sequence| frame(sequence, 9))
        .collect()
}

/// CRC32C bit by bit, from its definition.
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0x82F6_3B78
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

const BEGUN: [&str; 6] = [
    "create",
    "write",
    "sync",
    "rename",
    "sync_folder",
    "write_at",
];

/// Records, mark and header are those of docs/reference/journal.md, written out by hand.
#[test]
fn the_bytes_are_those_of_the_reference() {
    let folder = Folder::new("bytes");
    let (mut appender, asked) = scripted(folder.place(1_000), 0, Fault::Refuse);
    appender.append(&frames([1, 2])).expect("durable");
    let data = fs::read(folder.0.join("00000000000000000001.seg")).expect("a segment");
    let mut expected = b"CSEJRNL\n\x01\0\x34\0".to_vec();
    expected.extend([7; 16]);
    expected.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([0; 12]);
    expected.extend(crc(&expected).to_le_bytes());
    for (place, sequence) in [(0_u32, 1), (1, 2)] {
        let frame = frame(sequence, 9);
        let mut head = crc(&frame).to_le_bytes().to_vec();
        head.extend(place.to_le_bytes());
        head.extend(&frame[..24]);
        expected.extend(crc(&head).to_le_bytes());
        expected.extend(&head[..8]);
        expected.extend(frame);
    }
    assert_eq!(data, expected);
    let mut mark = 2_u64.to_le_bytes().to_vec();
    mark.extend(1_u64.to_le_bytes());
    mark.extend((data.len() as u64).to_le_bytes());
    mark.extend(crc(&data).to_le_bytes());
    mark.extend(crc(&mark).to_le_bytes());
    assert_eq!(fs::read(folder.0.join("synced")).expect("a mark"), mark);
    assert_eq!(
        calls(&asked),
        [&BEGUN[..], &["write", "sync", "write_at"]].concat()
    );
}

/// The next segment is begun by the batch that finds this one full, and says what was before it.
#[test]
fn a_segment_is_begun_whole_or_not_at_all() {
    let folder = Folder::new("segments");
    let (mut appender, asked) = scripted(folder.place(100), 0, Fault::Refuse);
    appender.append(&frames([1, 2])).expect("durable");
    appender.append(&frames([3])).expect("durable");
    let first = fs::read(folder.0.join("00000000000000000001.seg")).expect("the first");
    let second = fs::read(folder.0.join("00000000000000000003.seg")).expect("the second");
    assert_eq!(second[36..44], (first.len() as u64).to_le_bytes());
    assert_eq!(second[44..48], crc(&first).to_le_bytes());
    let batch = ["write", "sync", "write_at"];
    assert_eq!(
        calls(&asked),
        [&BEGUN[..], &batch, &BEGUN[..5], &batch].concat()
    );
}

/// Whichever call fails, the disk is not asked again, and the outcome carries the system's number.
#[test]
fn after_a_failure_the_disk_is_not_asked_again() {
    for at in BEGUN.len() + 1..=BEGUN.len() + 3 + 5 + 3 {
        for fault in [Fault::Refuse, Fault::Half] {
            let folder = Folder::new(&format!("failure-{at}-{}", matches!(fault, Fault::Half)));
            let (mut appender, asked) = scripted(folder.place(60), at, fault);
            let outcomes = [[1], [2], [3]].map(|batch| appender.append(&frames(batch)));
            let Some(failed) = outcomes.iter().position(Result::is_err) else {
                assert!(
                    matches!(fault, Fault::Half),
                    "only a write can be cut in two"
                );
                continue;
            };
            assert_eq!(appender.end().sequence, failed as u64);
            let AppendError::Failed { error, .. } = outcomes[failed].as_ref().unwrap_err() else {
                panic!("not a failure of the disk: {:?}", outcomes[failed]);
            };
            assert_eq!(error.raw_os_error(), Some(ENOSPC));
            assert!(
                outcomes[failed + 1..]
                    .iter()
                    .all(|later| matches!(later, Err(AppendError::FailedEarlier(_))))
            );
            assert_eq!(calls(&asked).len(), at);
        }
    }
}

/// What is no batch, or not the next one, is refused before the disk is asked, and the right one
/// is still taken.
#[test]
fn a_wrong_batch_changes_nothing() {
    let folder = Folder::new("refused");
    let (mut appender, asked) = scripted(folder.place(1_000), 0, Fault::Refuse);
    appender.append(&frames([1])).expect("durable");
    let asked_before = calls(&asked);
    let whole = frames([2]);
    let long: Vec<u8> = (2..)
        .flat_map(|sequence| frame(sequence, 1_000))
        .take(MAX_BATCH_BYTES / 1_024 * 1_024)
        .collect();
    let twice = [&whole[..], &whole[..]].concat();
    for wrong in [
        &b""[..],
        &whole[..whole.len() - 1],
        &[0; 24],
        &twice,
        &frames([3]),
        &long,
    ] {
        assert!(matches!(
            appender.append(wrong),
            Err(AppendError::Refused(_))
        ));
    }
    assert_eq!(calls(&asked), asked_before);
    appender.append(&whole).expect("durable");
}

/// It goes on where a journal ends, and nowhere else.
#[test]
fn it_opens_only_where_the_journal_ends() {
    let folder = Folder::new("open");
    let (mut appender, _) = scripted(folder.place(1_000), 0, Fault::Refuse);
    appender.append(&frames([1])).expect("durable");
    let end = appender.end();
    drop(appender);
    let place = |end| Place {
        end,
        ..folder.place(1_000)
    };
    let short = Mark {
        end: end.end - 1,
        ..end
    };
    let refused = Appender::open(place(short), Box::new(RealDisk))
        .err()
        .expect("not the end");
    assert_eq!(refused.kind(), ErrorKind::InvalidData);
    let mut again = Appender::open(place(end), Box::new(RealDisk)).expect("the end");
    again.append(&frames([2])).expect("durable");
    assert_eq!(again.end().sequence, 2);
}

/// Batches come back in order with their own frames, and the descriptor is readable while they lie
/// there; after closing, what is handed over comes back at once and was not written.
#[test]
fn batches_come_back_in_order() {
    let folder = Folder::new("thread");
    let appender = Appender::begin(folder.place(500), Box::new(RealDisk)).expect("a new journal");
    let mut thread = JournalThread::start(appender).expect("a thread");
    for first in (1..=40).step_by(2) {
        thread.hand(frames([first, first + 1]));
    }
    let mut first = 1;
    while first < 40 {
        let done = thread.wait();
        done.outcome.expect("durable");
        assert_eq!(done.batch, frames([first, first + 1]));
        first += 2;
    }
    assert_eq!(thread.last_sequence(), 40);
    thread.close();
    thread.hand(frames([41]));
    let mut ready = [rustix::event::PollFd::from_borrowed_fd(
        thread.wake(),
        rustix::event::PollFlags::IN,
    )];
    assert_eq!(rustix::event::poll(&mut ready, None).expect("readable"), 1);
    let back = thread.take();
    assert_eq!(back.len(), 1);
    assert!(matches!(
        back[0].outcome,
        Err(AppendError::FailedEarlier(_))
    ));
    assert!(thread.take().is_empty());
}

/// Those that waited for the disk are one batch on it, numbered through; one of them that is refused, or
/// too much for a batch on disk, is refused alone.
#[test]
fn batches_that_waited_are_synced_together() {
    let folder = Folder::new("together");
    let (mut appender, asked) = scripted(folder.place(1_000), 0, Fault::Refuse);
    let long: Vec<u8> = (4..)
        .flat_map(|sequence| frame(sequence, 1_000))
        .take(MAX_BATCH_BYTES / 1_024 * 1_024)
        .collect();
    let batches = [frames([1, 2]), frames([4]), frames([3]), long, frames([4])];
    let outcomes = appender.append_all(&batches);
    let durable: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(durable, [true, false, true, false, true]);
    assert_eq!(appender.end().sequence, 4);
    assert_eq!(calls(&asked)[BEGUN.len()..], ["write", "sync", "write_at"]);
    let together = fs::read(folder.0.join("00000000000000000001.seg")).expect("a segment");
    let other = Folder::new("at-once");
    let (mut appender, _) = scripted(other.place(1_000), 0, Fault::Refuse);
    appender.append(&frames([1, 2, 3, 4])).expect("durable");
    let at_once = fs::read(other.0.join("00000000000000000001.seg")).expect("a segment");
    assert_eq!(together, at_once);
}

/// A failure is that of all whose frames were in the write, and of none that was refused.
#[test]
fn a_failure_is_that_of_all_in_the_write() {
    let folder = Folder::new("all");
    let (mut appender, _) = scripted(folder.place(1_000), BEGUN.len() + 2, Fault::Refuse);
    let outcomes = appender.append_all(&[frames([1]), frames([9]), frames([2])]);
    assert!(matches!(
        outcomes[..],
        [
            Err(AppendError::Failed { .. }),
            Err(AppendError::Refused(_)),
            Err(AppendError::Failed { .. })
        ]
    ));
}

/// A bug in the thread leaves nobody waiting: its batch comes back, and so do all later ones.
#[test]
fn a_panic_is_a_failure() {
    let folder = Folder::new("panic");
    let (appender, _) = scripted(folder.place(1_000), BEGUN.len() + 2, Fault::Panic);
    let mut thread = JournalThread::start(appender).expect("a thread");
    thread.hand(frames([1]));
    thread.hand(frames([1]));
    for _ in 0..2 {
        assert!(matches!(
            thread.wait().outcome,
            Err(AppendError::FailedEarlier(_))
        ));
    }
    thread.close();
    assert_eq!(thread.last_sequence(), 0);
}

/// Whether these are whole frames numbered from 1, and at least one.
fn is_row(bytes: &[u8]) -> bool {
    let (mut at, mut count) = (0, 0_u64);
    while let Some(header) = bytes.get(at..at + 24) {
        let length = u32::from_le_bytes(header[..4].try_into().expect("four bytes")) as usize;
        count += 1;
        if !(24..=1024).contains(&length) || header[8..16] != count.to_le_bytes() {
            return false;
        }
        at += length;
    }
    at == bytes.len() && count > 0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    /// No bytes whatever make it panic, and what is no row of frames that go on is refused.
    #[test]
    fn no_bytes_are_too_strange(noise in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..80) {
        let folder = Folder::new("noise");
        let mut appender =
            Appender::begin(folder.place(1_000), Box::new(RealDisk)).expect("a new journal");
        let mut bytes = frames([1, 2]);
        bytes.truncate(cut);
        bytes.extend(noise);
        prop_assert_eq!(appender.append(&bytes).is_ok(), is_row(&bytes));
    }
}
