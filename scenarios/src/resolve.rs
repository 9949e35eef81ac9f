//! From a name and some arguments to one complete scenario.

use std::path::Path;
use std::sync::Arc;

use crate::check::check;
use crate::explain::explain;
use crate::names::find_path;
use crate::schema::Scenario;
use crate::source::{Files, Source, open};
use crate::tree::{Node, Origin, Value};
use crate::values::Streets;
use crate::{Problem, source};

/// `extends` may be followed this many times.
pub const MAX_EXTENDS: usize = 8;

/// Which scenario is asked for, and what is to be different.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// A shipped scenario's name, or a path.
    pub scenario: &'a str,
    /// `path=value` for each key to be set; later ones win.
    pub sets: &'a [String],
}

/// A scenario in which every key has its value.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The scenario; its name is filled in, and its paths are as [`Files::rooted`] has them.
    pub scenario: Scenario,
    /// The same as TOML. Resolving it again gives the same scenario.
    pub toml: String,
    /// Where everything was written.
    tree: Node,
}

impl Resolved {
    /// A problem with the value at a dotted path, found after the scenario was resolved, such as a
    /// file that it names and that cannot be read.
    #[must_use]
    pub fn problem(&self, path: &str, title: impl Into<String>, label: &str) -> Problem {
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        let found = self.tree.find(&steps);
        let problem = Problem::new(title);
        if !found.whole {
            return problem;
        }
        let origin = &found.node.origin;
        problem.at(&origin.source, origin.span.clone(), label)
    }
}

/// Reads a scenario, what it extends, and the arguments, and checks the whole.
///
/// # Errors
/// The first problem, with the place in the file or argument to change.
pub fn resolve(request: &Request<'_>, files: &dyn Files) -> Result<Resolved, Problem> {
    let source = open(request.scenario, None, files)?;
    let mut tree = layers(&source, files)?;
    for set in request.sets {
        tree.overlay(set_layer(set)?);
    }
    let mut scenario: Scenario = serde_path_to_error::deserialize(tree.to_toml())
        .map_err(|error| explain(&tree, error.path(), error.inner().message()))?;
    check(&scenario, &tree)?;
    if scenario.name.is_empty() {
        scenario.name = stem(request.scenario);
    }
    root_paths(&mut scenario, &tree, files);
    let toml = toml::to_string(&scenario)
        .map_err(|error| Problem::new(format!("this scenario cannot be written: {error}")))?;
    Ok(Resolved { scenario, toml, tree })
}

/// The scenario laid over what it extends, laid over what that extends, and so on.
fn layers(first: &Arc<Source>, files: &dyn Files) -> Result<Node, Problem> {
    let mut stack: Vec<Node> = Vec::new();
    let mut seen: Vec<Arc<Source>> = vec![Arc::clone(first)];
    let mut source = Arc::clone(first);
    loop {
        let mut layer = Node::parse(&source)?;
        if !stack.is_empty() {
            layer.take("name");
            layer.take("summary");
        }
        let extends = layer.take("extends");
        stack.push(layer);
        let Some(extends) = extends else { break };
        source = parent(&source, &extends, files)?;
        let Origin { source: at, span } = &extends.origin;
        if seen.iter().any(|earlier| earlier.is(&source)) {
            let names: Vec<_> = seen.iter().chain([&source]).map(|s| s.name.as_str()).collect();
            return Err(Problem::new("scenarios extend each other in a circle")
                .at(at, span.clone(), "closes the circle")
                .help(names.join(" extends ")));
        }
        if seen.len() > MAX_EXTENDS {
            return Err(Problem::new(format!("`extends` is followed {MAX_EXTENDS} times at most"))
                .at(at, span.clone(), "one too many"));
        }
        seen.push(Arc::clone(&source));
    }
    // The last is the root: it is never empty, because the first layer was pushed.
    let mut tree = stack.pop().ok_or_else(|| Problem::new("there is no scenario"))?;
    while let Some(layer) = stack.pop() {
        tree.overlay(layer);
    }
    Ok(tree)
}

/// Opens what a scenario extends.
fn parent(child: &Source, extends: &Node, files: &dyn Files) -> Result<Arc<Source>, Problem> {
    let Origin { source: at, span } = &extends.origin;
    let Value::Leaf(toml::Value::String(name)) = &extends.value else {
        return Err(Problem::new("`extends` cannot hold this")
            .at(at, span.clone(), "expected a text")
            .help("write the name of a shipped scenario, or the path of a file ending in .toml"));
    };
    let folder = child.folder.as_deref();
    open(name, folder, files).map_err(|mut problem| {
        let inner = std::mem::take(&mut problem.spots);
        let mut problem = problem.at(at, span.clone(), "named here");
        problem.spots.splice(0..0, inner);
        problem
    })
}

/// One `path=value` as a layer.
fn set_layer(set: &str) -> Result<Node, Problem> {
    let argument = Arc::new(Source {
        name: "--set".to_owned(),
        text: set.to_owned(),
        folder: None,
        shipped: false,
    });
    let Some((name, _)) = set.split_once('=') else {
        return Err(Problem::new("`--set` needs a key and a value")
            .at(&argument, 0..set.len(), "no `=`")
            .help("write it as `--set fleet.riders_per_store=40`"));
    };
    let key = name.trim();
    let start = name.len() - name.trim_start().len();
    let span = start..start + key.len();
    let path = find_path(key).map_err(|problem| problem.at(&argument, span.clone(), "this key"))?;
    let value = Node::parse_value(&argument, name.len() + 1)?;
    Ok(value.at_path(&path, &Origin { source: argument, span }))
}

/// The name of a scenario that does not say it: its file's, without the ending.
fn stem(scenario: &str) -> String {
    let stem = std::path::Path::new(scenario).file_stem().map(|stem| stem.to_string_lossy());
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = stem.unwrap_or_default().chars().map(plain).collect();
    let name: String =
        name.trim_start_matches('.').chars().take(crate::check::MAX_NAME_BYTES).collect();
    if name.is_empty() { "scenario".to_owned() } else { name }
}

/// Makes the paths in a scenario start where [`Files`] says instead of at the file's folder.
fn root_paths(scenario: &mut Scenario, tree: &Node, files: &dyn Files) {
    let root = |path: &mut String, steps: [&str; 2]| {
        let found = tree.find(&steps.map(str::to_owned));
        let folder = found.node.origin.source.folder.as_deref().unwrap_or(Path::new(""));
        *path = files.rooted(&folder.join(&*path)).to_string_lossy().into_owned();
    };
    if let Streets::File(file) = &mut scenario.city.streets {
        root(file, ["city", "streets"]);
    }
    if let Some(wards) = &mut scenario.city.wards {
        root(wards, ["city", "wards"]);
    }
    if let Some(trace) = &mut scenario.trace {
        if let Some(dir) = &mut trace.dir {
            root(dir, ["trace", "dir"]);
        }
        if let Some(baskets) = &mut trace.baskets {
            root(baskets, ["trace", "baskets"]);
        }
    }
}

/// Reads one file or shipped scenario as it stands, for showing.
///
/// # Errors
/// If there is none of that name.
pub fn text_of(name: &str, files: &dyn Files) -> Result<String, Problem> {
    source::open(name, None, files).map(|source| source.text.clone())
}
