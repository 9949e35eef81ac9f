//! What is wrong with a scenario, and where: shown the way a compiler shows it.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use crate::source::Source;

/// A place in a scenario file or an argument.
#[derive(Clone, Debug)]
pub struct Spot {
    /// What was read.
    pub source: Arc<Source>,
    /// The bytes meant.
    pub span: Range<usize>,
    /// What stands there.
    pub label: String,
}

/// Something wrong with a scenario.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong, in one line.
    pub title: String,
    /// Where; the first place is the one to change.
    pub spots: Vec<Spot>,
    /// What to do about it.
    pub help: Vec<String>,
}

impl Problem {
    /// A problem without a place.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), spots: Vec::new(), help: Vec::new() }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(
        mut self,
        source: &Arc<Source>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Self {
        self.spots.push(Spot { source: Arc::clone(source), span, label: label.into() });
        self
    }

    /// Adds a piece of advice; an empty one is left out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        let help = help.into();
        if !help.is_empty() {
            self.help.push(help);
        }
        self
    }

    /// The problem as text of several lines: file, line, the place underlined, and advice.
    #[must_use]
    pub fn render(&self, coloured: bool) -> String {
        let title = Level::ERROR.primary_title(normalize_untrusted_str(&self.title));
        let mut group = Group::with_title(title);
        for (index, spot) in self.spots.iter().enumerate() {
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            if spot.source.text.is_empty() {
                group = group.element(Origin::path(spot.source.name.as_str()));
                continue;
            }
            let label = normalize_untrusted_str(&spot.label);
            let annotation = kind.span(spot.source.within(&spot.span)).label(label);
            let snippet = Snippet::source(spot.source.text.as_str())
                .path(spot.source.name.as_str())
                .annotation(annotation);
            group = group.element(snippet);
        }
        for help in &self.help {
            group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
        }
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problem {}
