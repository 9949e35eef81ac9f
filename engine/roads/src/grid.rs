//! Finds the node nearest to a place.

use domain::place::Place;

use crate::NodeId;

/// Nodes by cell of an even grid over the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    /// The south-west corner.
    corner: Place,
    rows: usize,
    cols: usize,
    /// `first[c]..first[c + 1]` are the positions in `nodes` of cell `c`.
    first: Vec<u32>,
    nodes: Vec<NodeId>,
    /// A cell's height and width, 1e-7 degree.
    cell_lat_e7: i64,
    cell_lon_e7: i64,
}

/// How many nodes a cell has on average.
const NODES_PER_CELL: usize = 2;
/// The most cells along one side.
const SIDE_LIMIT: i64 = 4_096;

impl Grid {
    /// Sorts nodes into cells.
    pub(crate) fn new(places: &[Place]) -> Self {
        let corner = Place {
            lat_e7: places.iter().map(|p| p.lat_e7).min().unwrap_or(0),
            lon_e7: places.iter().map(|p| p.lon_e7).min().unwrap_or(0),
        };
        let height = places.iter().map(|p| offset(p.lat_e7, corner.lat_e7)).max().unwrap_or(0);
        let width = places.iter().map(|p| offset(p.lon_e7, corner.lon_e7)).max().unwrap_or(0);
        // Cells are about square on the ground if a side has as many cells as the other, which
        // is good enough: only the speed depends on it.
        let side = i64::try_from((places.len() / NODES_PER_CELL).isqrt()).unwrap_or(SIDE_LIMIT);
        let side = side.clamp(1, SIDE_LIMIT);
        let mut grid = Self {
            corner,
            rows: 0,
            cols: 0,
            first: Vec::new(),
            nodes: Vec::new(),
            cell_lat_e7: height / side + 1,
            cell_lon_e7: width / side + 1,
        };
        grid.rows = index(height / grid.cell_lat_e7) + 1;
        grid.cols = index(width / grid.cell_lon_e7) + 1;
        grid.fill(places);
        grid
    }

    fn fill(&mut self, places: &[Place]) {
        let cells: Vec<usize> = places
            .iter()
            .map(|&place| {
                let (row, col) = self.cell(place);
                row * self.cols + col
            })
            .collect();
        self.first = vec![0; self.rows * self.cols + 1];
        for &cell in &cells {
            self.first[cell + 1] += 1;
        }
        for cell in 0..self.rows * self.cols {
            self.first[cell + 1] += self.first[cell];
        }
        self.nodes = (0..places.len()).map(NodeId::at).collect();
        self.nodes.sort_by_key(|node| cells[node.index()]);
    }

    /// The nearest node by [`Place::straight_m`]; of equally near ones, the first.
    ///
    /// # Panics
    /// If the network has no nodes.
    pub(crate) fn nearest(&self, place: Place, places: &[Place]) -> NodeId {
        let (row, col) = self.cell(place);
        let (north_m, east_m) = self.cell_m(place);
        let mut best: Option<(f64, NodeId)> = None;
        for ring in 0..self.rows.max(self.cols) {
            self.visit_ring(row, col, ring, |node| {
                let found = (place.straight_m(places[node.index()]), node);
                if best.is_none_or(|best| found < best) {
                    best = Some(found);
                }
            });
            // What lies in the next ring is at least this ring's cells away.
            #[expect(clippy::cast_precision_loss, reason = "rings are few")]
            let reach_m = ring as f64 * north_m.min(east_m);
            if best.is_some_and(|(distance_m, _)| distance_m < reach_m) {
                break;
            }
        }
        best.expect("a network has nodes").1
    }

    /// Calls `visit` for the nodes of the cells that are `ring` rows or columns away.
    fn visit_ring(&self, row: usize, col: usize, ring: usize, mut visit: impl FnMut(NodeId)) {
        let west = col.checked_sub(ring);
        let east = Some(col + ring).filter(|&east| east < self.cols);
        for r in row.saturating_sub(ring)..=(row + ring).min(self.rows - 1) {
            let mut visit_cell = |c: usize| {
                let cell = r * self.cols + c;
                let range = self.first[cell] as usize..self.first[cell + 1] as usize;
                self.nodes[range].iter().for_each(|&node| visit(node));
            };
            if r.abs_diff(row) == ring {
                (west.unwrap_or(0)..=east.unwrap_or(self.cols - 1)).for_each(visit_cell);
            } else {
                // Of the rows between, only the ring's two ends belong to it.
                [west, east].into_iter().flatten().for_each(&mut visit_cell);
            }
        }
    }

    /// The row and column of the cell that holds a place, or of the nearest cell.
    fn cell(&self, place: Place) -> (usize, usize) {
        let row = offset(place.lat_e7, self.corner.lat_e7).max(0) / self.cell_lat_e7;
        let col = offset(place.lon_e7, self.corner.lon_e7).max(0) / self.cell_lon_e7;
        // The last row is unknown while cells are being counted.
        let last = |count: usize| if count == 0 { usize::MAX } else { count - 1 };
        (index(row).min(last(self.rows)), index(col).min(last(self.cols)))
    }

    /// The height and the least width of a cell in metres, between a place and the network.
    fn cell_m(&self, place: Place) -> (f64, f64) {
        let height = i64::try_from(self.rows).unwrap_or(SIDE_LIMIT) * self.cell_lat_e7;
        let north = i64::from(self.corner.lat_e7) + height;
        let narrow = [i64::from(place.lat_e7), i64::from(self.corner.lat_e7), north]
            .into_iter()
            .max_by_key(|lat| lat.abs())
            .unwrap_or(0);
        let [origin, up, over] =
            [(narrow, 0), (narrow + self.cell_lat_e7, 0), (narrow, self.cell_lon_e7)]
                .map(|(lat, lon)| Place { lat_e7: clamped(lat), lon_e7: clamped(lon) });
        (origin.straight_m(up), origin.straight_m(over))
    }
}

/// How far a coordinate lies above the corner's, 1e-7 degree.
fn offset(coordinate_e7: i32, corner_e7: i32) -> i64 {
    i64::from(coordinate_e7) - i64::from(corner_e7)
}

fn index(cells: i64) -> usize {
    usize::try_from(cells).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the type's range")]
fn clamped(coordinate_e7: i64) -> i32 {
    coordinate_e7.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}
