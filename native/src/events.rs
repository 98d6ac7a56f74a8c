//! What the commands under way have done: event frames, written one behind the other into one buffer.

use crate::codec::write_header;
use crate::layout::Message;
use crate::messages::HEADER_SIZE;

/// What is kept from batch to batch, and there from the first event on.
const KEPT: usize = 1 << 22;
/// So much of it is asked of the system at once, not page by page while somebody's order waits: a sweep through 5,000
/// orders tells 1.2 MB.
const READY: usize = 1 << 21;
const PAGE: usize = 1 << 12;

/// Event frames of a batch. The buffer is kept from batch to batch, so that nothing is allocated for an event.
#[derive(Debug, Default)]
pub struct Events {
    /// All of it is initialised; what lies behind `used` is old bytes.
    buffer: Vec<u8>,
    used: usize,
    sequence: u64,
    time_ms: u64,
    index: u16,
}

impl Events {
    /// Forgets the last batch.
    pub fn clear(&mut self) {
        self.used = 0;
        if self.buffer.len() > KEPT {
            self.buffer = Vec::new();
        }
    }

    /// Begins the events of one command.
    #[inline(always)]
    pub fn begin(&mut self, sequence: u64, time_ms: u64) {
        self.sequence = sequence;
        self.time_ms = time_ms;
        self.index = 0;
    }

    /// Tells one event.
    #[inline(always)]
    pub fn push<M: Message>(&mut self, event: &M) {
        let size = HEADER_SIZE + M::BODY;
        let end = self.used + size;
        if end > self.buffer.len() {
            self.grow();
        }
        let frame = &mut self.buffer[self.used..end];
        write_header::<M>(frame, self.index, self.sequence, self.time_ms);
        event.write(&mut frame[HEADER_SIZE..]);
        self.used = end;
        self.index = self.index.wrapping_add(1);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let first = self.buffer.is_empty();
        // Zeroed memory from the system costs nothing until it is touched, unlike zeros that are written.
        let mut larger = vec![0; KEPT.max(self.buffer.len() * 2)];
        larger[..self.used].copy_from_slice(&self.buffer[..self.used]);
        if first {
            larger[..READY]
                .chunks_mut(PAGE)
                .for_each(|page| page[0] = 1);
        }
        self.buffer = larger;
    }

    /// Returns the frames of the whole batch.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.used]
    }
}
