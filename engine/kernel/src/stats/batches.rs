//! Batch means and the MSER-5 warm-up rule.

/// Observations averaged into one point by MSER-5.
const MSER_BATCH: usize = 5;

/// Averages a series in `batches` runs of equal length, leaving out what does not fill the last.
///
/// Gives fewer (none) when the series is shorter than the number of batches.
#[must_use]
pub fn batch_means(series: &[f64], batches: usize) -> Vec<f64> {
    let size = series.len().checked_div(batches).unwrap_or(0);
    if size == 0 {
        return Vec::new();
    }
    series.chunks_exact(size).take(batches).map(mean).collect()
}

/// Finds how many leading observations to leave out as warm-up, by MSER-5.
///
/// The cut d minimises the squared standard error of what is left, Σ(x − mean)² / (n − d)², over
/// means of five. `None` when the best cut is past half the run: the run is too short to judge.
/// White, "An effective truncation heuristic for bias reduction in simulation output",
/// Simulation 69(6), 1997; Franklin & White, WSC 2008, for the rejection.
#[must_use]
pub fn mser5(series: &[f64]) -> Option<usize> {
    let points: Vec<f64> = series.chunks_exact(MSER_BATCH).map(mean).collect();
    // The last points alone can agree by accident, so they are no candidate.
    let candidates = points.len().checked_sub(MSER_BATCH)?;
    let (mut best, mut least) = (0, f64::INFINITY);
    let mut kept = super::Moments::default();
    for (cut, &point) in points.iter().enumerate().rev() {
        kept.add(point);
        let left = kept.count() as f64;
        let score = kept.variance() * (left - 1.0) / (left * left);
        if cut <= candidates && score <= least {
            (best, least) = (cut, score);
        }
    }
    (best * 2 <= points.len()).then_some(best * MSER_BATCH)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
