//! What a shell is told: the city, its rules, and how much one commit carries.

use domain::ids::CityId;
use domain::pricing;
use domain::rules::Rules;
use domain::time::Millis;

/// How the steps between placing an order and asking for its money are committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// Placing, locking the quote, holding the stock and beginning to pay are one commit.
    #[default]
    Together,
    /// Each is a commit of its own, asked for through the outbox: for services that run apart.
    Apart,
}

/// Everything about a shell but its ports.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The city whose orders it takes.
    pub city: CityId,
    /// The limits of the business.
    pub rules: Rules,
    /// What goods and delivery cost.
    pub pricing: pricing::Policy,
    /// Its parameters.
    pub pricing_params: pricing::Params,
    /// What picking and packing takes on average, by number of lines; carts with more lines take
    /// as long as the last. From a city's behaviour, or measured.
    pub pick_means: Vec<Millis>,
    /// How much one commit carries.
    pub path: Path,
    /// Whether units of work keep the tape of what every process manager heard.
    pub keeps_tape: bool,
}

impl Setup {
    /// The usual rules for a city, with tiers of fees and two minutes for every cart.
    #[must_use]
    pub fn new(city: CityId) -> Self {
        Self {
            city,
            rules: Rules::default(),
            pricing: pricing::Policy::FeeTiers,
            pricing_params: pricing::Params::default(),
            pick_means: vec![Millis::from_min(2)],
            path: Path::Together,
            keeps_tape: false,
        }
    }

    /// What picking and packing so many lines takes on average; nothing if no mean is known.
    #[must_use]
    pub fn pick_mean(&self, lines: usize) -> Millis {
        let known = self.pick_means.get(lines).or(self.pick_means.last());
        known.copied().unwrap_or_default()
    }
}
