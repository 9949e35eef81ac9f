//! What scenarios are read from: shipped ones, files and arguments; never more than a limit.

use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::names::nearest;
use crate::{Problem, library};

/// A scenario file is at most this long.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// Reads files for a scenario. The crate opens none itself.
pub trait Files {
    /// Reads a file, but no more than so many bytes of it.
    ///
    /// # Errors
    /// Whatever keeps the file from being read.
    fn read(&self, path: &Path, most_bytes: usize) -> io::Result<Vec<u8>>;

    /// The path by which a file is found again, given one that starts at the current folder; as it
    /// is unless said otherwise.
    fn rooted(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}

/// A text with a name and a place in the file system.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is called in messages.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Paths in it start here; none starts at the current folder.
    pub folder: Option<PathBuf>,
    /// It came with the program, so it may extend only what also did.
    pub shipped: bool,
}

impl Source {
    /// Whether this is the same file or shipped scenario as another.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let normal = |source: &Self| normal_path(Path::new(&source.name));
        self.shipped == other.shipped && normal(self) == normal(other)
    }

    /// A span that is sure to lie within the text and on the edges of characters.
    #[must_use]
    pub fn within(&self, span: &Range<usize>) -> Range<usize> {
        let edge = |at: usize| self.text.floor_char_boundary(at);
        edge(span.start)..edge(span.end).max(edge(span.start))
    }
}

/// Whether a name means a file rather than a shipped scenario.
#[must_use]
pub fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || Path::new(name).extension().is_some_and(|ext| ext == "toml")
}

/// Opens a scenario by its shipped name or its path.
///
/// # Errors
/// A problem without a place; the caller knows where the name was written.
pub(crate) fn open(
    name: &str,
    folder: Option<&Path>,
    files: &dyn Files,
) -> Result<Arc<Source>, Problem> {
    if is_path(name) {
        let path = folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        return open_file(&plain_path(&path), files);
    }
    match library::find(name) {
        Some(shipped) => Ok(Arc::new(Source {
            name: format!("{name}.toml (shipped)"),
            text: shipped.text.to_owned(),
            folder: None,
            shipped: true,
        })),
        None => {
            let names: Vec<_> = library::all().iter().map(|shipped| shipped.name).collect();
            let problem = Problem::new(format!("there is no shipped scenario `{name}`"));
            Err(match nearest(name, names.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("shipped scenarios: {}", names.join(", "))),
            }
            .help("a file is named by its path, such as `./mine.toml`"))
        }
    }
}

/// A path without steps to where one already is.
fn plain_path(path: &Path) -> PathBuf {
    path.components().filter(|step| !matches!(step, Component::CurDir)).collect()
}

/// A path with every `..` taken back, to tell whether two paths mean one file.
fn normal_path(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for step in path.components() {
        let back = matches!(step, Component::ParentDir);
        if !(back && matches!(normal.components().next_back(), Some(Component::Normal(_)))) {
            normal.push(step);
        } else {
            normal.pop();
        }
    }
    normal
}

fn open_file(path: &Path, files: &dyn Files) -> Result<Arc<Source>, Problem> {
    let name = path.display().to_string();
    let bytes = files.read(path, MAX_FILE_BYTES + 1).map_err(|error| {
        Problem::new(format!("cannot read scenario file `{name}`: {}", plain(&error)))
    })?;
    if bytes.len() > MAX_FILE_BYTES {
        let limit = MAX_FILE_BYTES >> 20;
        return Err(Problem::new(format!("scenario file `{name}` is longer than {limit} MiB"))
            .help("a scenario is a page of TOML; is this the right file?"));
    }
    let folder = path.parent().map(Path::to_path_buf);
    let source = |text: String| {
        Arc::new(Source { name: name.clone(), text, folder: folder.clone(), shipped: false })
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(source(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            // The replacement character stands where the first wrong byte was.
            let shown = source(String::from_utf8_lossy(error.as_bytes()).into_owned());
            Err(Problem::new(format!("scenario file `{name}` is not UTF-8 text"))
                .at(&shown, at..at + 1, "this byte belongs to no character")
                .help("save the file as UTF-8"))
        }
    }
}

/// An error of the file system without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}
