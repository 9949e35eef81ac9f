//! Work on several threads whose results come in a fixed order.

use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// As many threads as were asked for, or as there are processors.
pub(crate) fn count(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

/// With more pieces than this, the order in which they are taken hardly matters.
const FEW: usize = 16;

/// Does pieces of work on some threads and gives their results in the order of the pieces.
///
/// Each thread takes the next piece that nobody has taken. Few pieces are taken in an order in
/// which, by their weights, all threads are done early: five cities on two threads should not
/// end with one thread at work on the last.
///
/// # Panics
/// If a piece of work does.
pub(crate) fn in_order<P: Send, T: Send>(
    threads: NonZeroUsize,
    pieces: Vec<P>,
    weight: impl Fn(&P) -> u64,
    work: impl Fn(P) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let count = pieces.len();
    let weights: Vec<_> = pieces.iter().map(weight).collect();
    let order = if count > FEW { (0..count).collect() } else { good_order(&weights, threads) };
    let pieces: Vec<_> = pieces.into_iter().map(|piece| Mutex::new(Some(piece))).collect();
    let results: Vec<_> = (0..count).map(|_| Mutex::new(None)).collect();
    let take = |index: usize| pieces[index].lock().ok().and_then(|mut piece| piece.take());
    std::thread::scope(|scope| {
        for _ in 0..threads.get().min(count) {
            scope.spawn(|| {
                while let Some(piece) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    order.get(index).map(|&index| (index, take(index)))
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

/// The heaviest first, and then swapped as long as that lets the last thread end earlier.
fn good_order(weights: &[u64], threads: NonZeroUsize) -> Vec<usize> {
    let mut order: Vec<_> = (0..weights.len()).collect();
    order.sort_by_key(|&piece| Reverse(weights[piece]));
    let mut end = end_of(&order, weights, threads);
    loop {
        let before = end;
        for first in 0..order.len() {
            for second in first + 1..order.len() {
                order.swap(first, second);
                let swapped = end_of(&order, weights, threads);
                if swapped < end {
                    end = swapped;
                } else {
                    order.swap(first, second);
                }
            }
        }
        if end == before {
            return order;
        }
    }
}

/// When the last thread ends, if a piece takes as long as it weighs.
fn end_of(order: &[usize], weights: &[u64], threads: NonZeroUsize) -> u64 {
    let mut ends = vec![0; threads.get()];
    for &piece in order {
        if let Some(first) = ends.iter_mut().min() {
            *first += weights[piece];
        }
    }
    ends.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_pieces() {
        for threads in [1, 2, 7] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let numbers = (0..100).collect();
            let squares = in_order(threads, numbers, |_| 1, |number: u64| number * number);
            assert_eq!(squares, (0..100).map(|number| number * number).collect::<Vec<_>>());
        }
        let few = in_order(NonZeroUsize::MIN, vec![3, 1, 2], |&x: &u8| x.into(), |x| x);
        assert_eq!(few, [3, 1, 2]);
        let none = in_order(NonZeroUsize::MIN, Vec::<u8>::new(), |_| 1, |x| x);
        assert_eq!(none, Vec::<u8>::new());
    }

    #[test]
    fn no_thread_is_left_with_a_large_piece_at_the_end() {
        let check = |weights: &[u64], threads, end| {
            let threads = NonZeroUsize::new(threads).unwrap();
            assert_eq!(end_of(&good_order(weights, threads), weights, threads), end);
        };
        check(&[300, 260, 190, 130, 120], 1, 1_000);
        check(&[300, 260, 190, 130, 120], 2, 510);
        check(&[300, 260, 190, 130, 120], 4, 300);
        check(&[], 2, 0);
    }
}
