//! Work on several threads whose results come in a fixed order.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// As many threads as were asked for, or as there are processors.
pub(crate) fn count(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

/// Does pieces of work on some threads and gives their results in the order of the pieces.
///
/// Each thread takes the next piece that nobody has taken.
///
/// # Panics
/// If a piece of work does.
pub(crate) fn in_order<P: Send, T: Send>(
    threads: NonZeroUsize,
    pieces: Vec<P>,
    work: impl Fn(P) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let count = pieces.len();
    let pieces: Vec<_> = pieces.into_iter().map(|piece| Mutex::new(Some(piece))).collect();
    let results: Vec<_> = (0..count).map(|_| Mutex::new(None)).collect();
    let take = |index: usize| pieces[index].lock().ok().and_then(|mut piece| piece.take());
    std::thread::scope(|scope| {
        for _ in 0..threads.get().min(count) {
            scope.spawn(|| {
                while let Some(piece) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    (index < count).then(|| (index, take(index)))
                } {
                    if let (index, Some(piece)) = piece {
                        let result = work(piece);
                        if let Ok(mut place) = results[index].lock() {
                            *place = Some(result);
                        }
                    }
                }
            });
        }
    });
    let result = |place: Mutex<Option<T>>| {
        place.into_inner().ok().flatten().expect("every piece of work was done")
    };
    results.into_iter().map(result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_pieces() {
        for threads in [1, 2, 7] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let squares = in_order(threads, (0..100).collect(), |number: u64| number * number);
            assert_eq!(squares, (0..100).map(|number| number * number).collect::<Vec<_>>());
        }
        assert_eq!(in_order(NonZeroUsize::MIN, Vec::<u8>::new(), |x| x), Vec::<u8>::new());
    }
}
