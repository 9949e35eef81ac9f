//! Districts and the junctions in them.

use kernel::chance::normal_quantile;

use super::{Pattern, Points, Seed};
use crate::nearest::Nearest;
use crate::plane::Xy;
use crate::purpose;

/// How far apart the middles of districts are, metres (assumed: a ward of a metro).
const DISTRICT_M: f64 = 900.0;
/// How far a district's middle strays from its place, as a share of that.
const STRAY: f64 = 0.35;
/// Nothing of a district is farther from its middle than this, as a multiple of the distance
/// between districts; what is farther would be nearer to another.
const REACH: f64 = 1.5;
/// The longest block over its width (assumed).
const BLOCK_RATIO_LIMIT: f64 = 5.0;
/// Least and most junctions per square kilometre in a district (assumed).
const DENSITY: (f64, f64) = (4.0, 2_500.0);

/// The part of the plane that has streets: discs around sites.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    sites: Nearest,
    /// The same sites, found from farther away.
    wide: Nearest,
    radius_m: f64,
}

impl Region {
    /// Everything within a distance of one of the sites.
    ///
    /// # Panics
    /// If there are no sites.
    pub(crate) fn around(sites: &[Xy], radius_m: f64) -> Self {
        let wide = Nearest::new(sites, radius_m + REACH * DISTRICT_M);
        Self { sites: Nearest::new(sites, radius_m), wide, radius_m }
    }

    /// Whether a point is in the region.
    fn holds(&self, at: Xy) -> bool {
        self.sites.find(at).is_some()
    }

    /// Whether a district with this middle may have something in the region.
    fn touches(&self, at: Xy) -> bool {
        self.wide.find(at).is_some()
    }

    /// Whether everything within a distance of a point is in the region; not always seen.
    fn holds_all(&self, at: Xy, within_m: f64) -> bool {
        let limit_m = (self.radius_m - within_m).max(0.0);
        self.sites.find(at).is_some_and(|(_, m2)| m2 <= limit_m * limit_m)
    }
}

/// One district.
#[derive(Clone, Copy, Debug)]
pub(super) struct District {
    middle: Xy,
    /// How long and how wide a block is, metres.
    block_m: (f64, f64),
    /// Where its blocks lie lengthwise, radians anticlockwise from east.
    pub(super) bearing: f64,
}

impl District {
    /// The width of a block, metres.
    pub(super) const fn width_m(&self) -> f64 {
        self.block_m.1
    }

    /// A way from one point to another in blocks, lengthwise and across.
    pub(super) fn blocks(&self, from: Xy, to: Xy) -> Xy {
        let (sin, cos) = libm::sincos(self.bearing);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        Xy { x: (dx * cos + dy * sin) / self.block_m.0, y: (dy * cos - dx * sin) / self.block_m.1 }
    }
}

/// Side of a square of districts that have one of each kind.
const SQUARE: i32 = 8;
/// Districts are numbered from this far south and west of the city's middle, so that a district
/// has the same number and is the same however large the city is.
const ORIGIN: i32 = 1 << 14;

/// Districts in whole squares that cover the region and more.
struct Patchwork {
    /// Column and row of the first district, from the origin.
    first: (i32, i32),
    columns: i32,
    rows: i32,
    cells: Vec<District>,
}

/// Lays out districts and their junctions.
pub(super) fn lay_out(pattern: &Pattern, region: &Region, seed: Seed) -> (Vec<District>, Points) {
    let patchwork = Patchwork::new(pattern, region, seed);
    let mut points = Points::default();
    for row in 0..patchwork.rows {
        for column in 0..patchwork.columns {
            patchwork.fill((column, row), pattern, region, seed, &mut points);
        }
    }
    (patchwork.cells, points)
}

impl Patchwork {
    fn new(pattern: &Pattern, region: &Region, seed: Seed) -> Self {
        let margin_m = region.radius_m + DISTRICT_M;
        let (corner, extent) = region.sites.extent();
        let square = |at_m: f64| whole(libm::floor(at_m / (DISTRICT_M * f64::from(SQUARE))));
        let (west, south) = (square(corner.x - margin_m), square(corner.y - margin_m));
        let east = square(corner.x + extent.x + margin_m);
        let north = square(corner.y + extent.y + margin_m);
        let (columns, rows) = ((east - west + 1) * SQUARE, (north - south + 1) * SQUARE);
        let first = (west * SQUARE + ORIGIN, south * SQUARE + ORIGIN);
        let mut patchwork = Self { first, columns, rows, cells: Vec::new() };
        let mut kinds = vec![Kind::default(); patchwork.index((0, rows))];
        for row in (0..rows).step_by(8) {
            for column in (0..columns).step_by(8) {
                patchwork.share_out(pattern, (column, row), seed, &mut kinds);
            }
        }
        for row in 0..rows {
            for column in 0..columns {
                let kind = kinds[patchwork.index((column, row))];
                let district = patchwork.district(pattern, (column, row), kind, seed);
                patchwork.cells.push(district);
            }
        }
        patchwork
    }

    /// The position of a district in the list.
    fn index(&self, (column, row): (i32, i32)) -> usize {
        usize::try_from(row * self.columns + column).expect("a district of the city")
    }

    /// The number of a district, of 32 bits.
    fn number(&self, (column, row): (i32, i32)) -> u64 {
        let [column, row] = [self.first.0 + column, self.first.1 + row]
            .map(|along| u64::try_from(along).expect("a city is smaller than the globe"));
        row << 16 | column
    }

    /// Draws how dense and how aligned the districts of a square are.
    ///
    /// Every square has one of each 64th of the densities, in random places, and of each density
    /// as many aligned as the whole has, so that cities differ in the large only as much as
    /// their patterns do.
    #[expect(clippy::cast_precision_loss, reason = "a square has few districts")]
    fn share_out(&self, pattern: &Pattern, corner: (i32, i32), seed: Seed, kinds: &mut [Kind]) {
        let mut members: Vec<(f64, (i32, i32))> = (0..SQUARE * SQUARE)
            .map(|member| (corner.0 + member % SQUARE, corner.1 + member / SQUARE))
            .map(|at| (seed.draw(purpose::DISTRICT, self.number(at), 0).unit(), at))
            .collect();
        members.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut carried = seed.draw(purpose::DISTRICT, self.number(corner), 2).unit();
        for (stratum, &(_, at)) in members.iter().enumerate() {
            carried += pattern.aligned;
            let aligned = carried >= 1.0;
            carried -= f64::from(u8::from(aligned));
            let rank = (stratum as f64 + 0.5) / members.len() as f64;
            kinds[self.index(at)] = Kind { rank, aligned };
        }
    }

    /// Draws the rest of one district.
    fn district(&self, pattern: &Pattern, at: (i32, i32), kind: Kind, seed: Seed) -> District {
        let mut draw = seed.draw(purpose::DISTRICT, self.number(at), 1);
        let mut along_m = |first: i32, along: i32| {
            let stray = 0.5 + STRAY * (2.0 * draw.unit() - 1.0);
            (f64::from(first - ORIGIN + along) + stray) * DISTRICT_M
        };
        let middle = Xy { x: along_m(self.first.0, at.0), y: along_m(self.first.1, at.1) };
        let sigma = pattern.density_sigma;
        let ln_median = libm::log(pattern.nodes_per_km2) - sigma * sigma / 2.0;
        let density =
            libm::exp(ln_median + sigma * normal_quantile(kind.rank)).clamp(DENSITY.0, DENSITY.1);
        let bearing = if kind.aligned { 0.0 } else { draw.unit() * std::f64::consts::PI };
        let ratio = (1.0 + draw.exponential(pattern.block_ratio - 1.0)).min(BLOCK_RATIO_LIMIT);
        let width_m = 1e3 / libm::sqrt(density * ratio);
        District { middle, block_m: (width_m * ratio, width_m), bearing }
    }

    /// Appends a district's junctions: those of its grid that are nearer to its middle than to
    /// any other's.
    fn fill(
        &self,
        at: (i32, i32),
        pattern: &Pattern,
        region: &Region,
        seed: Seed,
        points: &mut Points,
    ) {
        let own = self.cells[self.index(at)];
        let reach_m = REACH * DISTRICT_M;
        if !region.touches(own.middle) {
            return;
        }
        let inside = region.holds_all(own.middle, reach_m);
        let around = self.around(at);
        let district = u32::try_from(self.index(at)).expect("districts are few");
        let (sin, cos) = libm::sincos(own.bearing);
        let (long_m, wide_m) = own.block_m;
        let [along, across] = [long_m, wide_m].map(|step_m| whole(libm::ceil(reach_m / step_m)));
        let grid = (-along..=along).flat_map(|i| (-across..=across).map(move |j| (i, j)));
        for (junction, (i, j)) in (0_u32..).zip(grid) {
            let mut draw = seed.draw(purpose::JUNCTION, self.number(at), junction);
            let key = self.number(at) << 16 | u64::from(junction & 0xFFFF);
            let mut along_m = |step: i32, block_m: f64| {
                (f64::from(step) + pattern.stray * (2.0 * draw.unit() - 1.0)) * block_m
            };
            let (u, v) = (along_m(i, long_m), along_m(j, wide_m));
            let at =
                Xy { x: own.middle.x + u * cos - v * sin, y: own.middle.y + u * sin + v * cos };
            let own_m2 = at.distance_m2(own.middle);
            let nearest = around.iter().all(|middle| at.distance_m2(*middle) > own_m2);
            let wet = pattern.water.is_some_and(|water| water.covers(at));
            if nearest && !wet && (inside || region.holds(at)) {
                points.push(at, district, key);
            }
        }
    }

    /// The middles of the districts within two cells of one.
    fn around(&self, (column, row): (i32, i32)) -> Vec<Xy> {
        let near = |at: i32, count: i32| (at - 2).max(0)..(at + 3).min(count);
        near(row, self.rows)
            .flat_map(|r| near(column, self.columns).map(move |c| (c, r)))
            .filter(|&other| other != (column, row))
            .map(|other| self.cells[self.index(other)].middle)
            .collect()
    }
}

/// What is drawn for several districts together.
#[derive(Clone, Copy, Debug, Default)]
struct Kind {
    /// The share of districts that are less dense.
    rank: f64,
    aligned: bool,
}

#[expect(clippy::cast_possible_truncation, reason = "cities are small against 2^31 districts")]
fn whole(along: f64) -> i32 {
    along as i32
}
