//! Command frames from standard input, event frames to standard output, the state hash to standard error.
//!
//! `replay [commands per batch [batches per life]]`: after so many batches the engine is thrown away and restored from
//! its own snapshot. An error in the input ends it with exit code 1.

use std::io::{Read, Write};

use cse_native::codec::read_frame;
use cse_native::engine::Engine;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |at| std::env::args().nth(at).map(|n| n.parse::<usize>());
    let per_batch = number(1).unwrap_or(Ok(64))?;
    let per_life = number(2).unwrap_or(Ok(usize::MAX))?;
    let mut age = 0;
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
        age += 1;
        if age == per_life {
            engine = Engine::restore(&engine.snapshot())?;
            age = 0;
        }
    }
    for byte in engine.state_hash() {
        eprint!("{byte:02x}");
    }
    eprintln!();
    Ok(())
}
