//! The memory that Argon2 fills.

use argon2::Block;
use secrecy::zeroize::Zeroize;

/// The size of Linux's large pages.
const HUGE_PAGE: usize = 2 << 20;

/// Blocks of 1 KiB, which the operating system has already given us.
pub(super) struct Memory {
    bytes: Vec<u8>,
    start: usize,
}

impl Memory {
    pub(super) fn of(blocks: usize) -> Self {
        const SMALLEST_PAGE: usize = 4096;
        // Linux reserves memory here, and gives a page of it when the page is first written.
        let bytes = vec![0; blocks * Block::SIZE + HUGE_PAGE];
        let start = bytes.as_ptr().align_offset(HUGE_PAGE);
        let mut memory = Self { bytes, start };
        let used = &mut memory.bytes[start..][..blocks * Block::SIZE];
        ask_for_huge_pages(used);
        for page in used.chunks_mut(SMALLEST_PAGE) {
            page[0] = 1;
        }
        memory
    }

    /// The first blocks, as many as asked for or as there are.
    #[expect(unsafe_code, reason = "a block consists of numbers, and any bytes are numbers")]
    pub(super) fn blocks(&mut self, count: usize) -> &mut [Block] {
        // SAFETY: `Block` is an array of `u64`, for which every bit pattern is valid.
        let (_, blocks, _) = unsafe { self.bytes[self.start..].align_to_mut::<Block>() };
        let count = count.min(blocks.len());
        &mut blocks[..count]
    }

    /// Overwrites these blocks: an attacker who reads what Argon2 left there could guess the password
    /// without Argon2's cost.
    pub(super) fn wipe(&mut self, count: usize) {
        self.blocks(count).iter_mut().zeroize();
    }
}

/// Asks Linux for pages of 2 MiB. Argon2 reads all over its memory, and a processor remembers where
/// too few small pages are for that.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the advice changes no byte of memory that we own")]
fn ask_for_huge_pages(memory: &mut [u8]) {
    use rustix::mm::{Advice, madvise};

    let size = memory.len() / HUGE_PAGE * HUGE_PAGE;
    // SAFETY: the range is ours. Without huge pages everything works, only more slowly.
    let _ = unsafe { madvise(memory.as_mut_ptr().cast(), size, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages(_: &mut [u8]) {}
