//! An allocator that counts, for the whole process and for each thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    static OF_THREAD: Cell<u64> = const { Cell::new(0) };
}

static OF_ALL: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, with counters in front.
struct Counting;

impl Counting {
    fn count() {
        OF_THREAD.with(|count| count.set(count.get() + 1));
        OF_ALL.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call goes unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: the caller keeps the contract of this very method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of the calling thread.
#[allow(dead_code, reason = "one of the two tests needs it")]
pub fn of_thread() -> u64 {
    OF_THREAD.with(Cell::get)
}

/// Allocations of all threads.
#[allow(dead_code, reason = "one of the two tests needs it")]
pub fn of_all() -> u64 {
    OF_ALL.load(Ordering::Relaxed)
}
