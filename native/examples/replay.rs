//! Command frames from standard input, event frames to standard output, the state hash to standard error.
//!
//! `replay [commands per batch]`; an error in the input ends it with exit code 1.

use std::io::{Read, Write};

use cse_native::codec::read_frame;
use cse_native::engine::Engine;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let per_batch: usize = std::env::args().nth(1).map_or(Ok(64), |n| n.parse())?;
    let mut frames = Vec::new();
    std::io::stdin().lock().read_to_end(&mut frames)?;
    let mut out = std::io::stdout().lock();
    let mut engine = Engine::new();
    let mut from = 0;
    while from < frames.len() {
        let mut to = from;
        for _ in 0..per_batch {
            if to < frames.len() {
                to += read_frame(&frames, to)
                    .map_err(|fault| fault.to_string())?
                    .size();
            }
        }
        engine.apply_batch(&frames[from..to])?;
        out.write_all(engine.events())?;
        from = to;
    }
    for byte in engine.state_hash() {
        eprint!("{byte:02x}");
    }
    eprintln!();
    Ok(())
}
