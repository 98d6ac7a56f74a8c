//! Hints to the processor: memory that will be needed soon. They change nothing but time.

/// Asks for the cache line in which `place` begins.
#[inline(always)]
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // the instruction takes any address, reads nothing into the program and cannot fault
pub fn prefetch<T>(place: &T) {
    use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: SSE is part of x86-64, and the address is that of a reference.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(place).cast()) }
}

/// Does nothing where no such instruction is known.
#[inline(always)]
#[cfg(not(target_arch = "x86_64"))]
pub fn prefetch<T>(_place: &T) {}
