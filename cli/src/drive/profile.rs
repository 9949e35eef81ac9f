//! Target profiles as files: TOML, and tables beside it; whatever is wrong is shown at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use domain::order::Stage;
use load::http::Method;
use load::profile::{Part, Profile, Provider, StepMap, Tables, names, texts};
use load::target::{ACKNOWLEDGEMENT, Permit};
use scenarios::{Files as _, MAX_FILE_BYTES, Problem, Source};
use serde::Deserialize;
use toml::Spanned;

use super::given::{Length, Rate};
use crate::files::Disk;

/// Bytes of a table.
const TABLE_BYTES: usize = 64 << 20;
/// Rows of a table.
const ROWS_LIMIT: usize = 1_000_000;
/// What a profile's hosts take at most where it says nothing: 50 arrivals a second for ten minutes.
/// Assumed, grade E: nobody's shop is harmed by it.
const MAX_PER_S: f64 = 50.0;
const MAX_US: u64 = 600_000_000;
/// Names that a journey knows beside the tables' columns, from its begin.
const FROM_THE_BEGIN: [&str; 5] = ["key", "client_ref", "method", "door.lat", "door.lon"];
/// Names that only a line knows.
const OF_A_LINE: &str = "units";

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    target: TargetFile,
    data: Option<Data>,
    agents: Option<Agents>,
    #[serde(default)]
    headers: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    steps: BTreeMap<Spanned<String>, Spanned<StepFile>>,
    provider: Option<ProviderFile>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFile {
    #[serde(default)]
    hosts: Vec<String>,
    acknowledgement: Option<Spanned<String>>,
    max_rate: Option<Spanned<String>>,
    max_duration: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    users: Spanned<String>,
    skus: Spanned<String>,
    stores: Spanned<String>,
    one_time_password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agents {
    play: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderFile {
    listen: Option<Spanned<String>>,
    webhook: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    method: Option<Spanned<String>>,
    path: Spanned<String>,
    #[serde(default)]
    headers: BTreeMap<String, Spanned<String>>,
    body: Option<Spanned<serde_json::Value>>,
    line: Option<Spanned<serde_json::Value>>,
    status: Option<Spanned<Vec<u16>>>,
    #[serde(default)]
    answer: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    words: BTreeMap<String, Spanned<String>>,
}

/// A profile, and where in its file things stand.
pub(super) struct Read {
    pub(super) profile: Profile,
    source: Arc<Source>,
    /// Places by step and key, such as `order.answer.order_id`; a step's own by its name.
    places: BTreeMap<String, Range<usize>>,
}

impl Read {
    /// A problem at a key of a step, or at the step where the key does not stand.
    pub(super) fn problem(&self, part: Part, key: &str, title: String, label: &str) -> Problem {
        let whole = format!("{}.{key}", part.name());
        let place = self.places.get(&whole).or_else(|| self.places.get(part.name()));
        at(&self.source, place.cloned().unwrap_or_default(), title, label)
    }
}

fn at(source: &Arc<Source>, span: Range<usize>, title: impl Into<String>, label: &str) -> Problem {
    Problem::new(title).at(source, span, label)
}

/// Reads a profile and its tables.
pub(super) fn read(path: &Path) -> Result<Read, Problem> {
    let source = Arc::new(Source {
        name: path.display().to_string(),
        text: text(path, MAX_FILE_BYTES)?,
        folder: path.parent().map(Path::to_owned),
        shipped: false,
    });
    let file: File = toml::from_str(&source.text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let mut lines = error.message().lines();
        let label = lines.next().unwrap_or("not TOML").to_owned();
        at(&source, span, "the profile cannot be read", &label).help(lines.collect::<String>())
    })?;
    let mut reading = Reading { source: Arc::clone(&source), places: BTreeMap::new() };
    let profile = reading.profile(file)?;
    Ok(Read { profile, source, places: reading.places })
}

fn text(path: &Path, most_bytes: usize) -> Result<String, Problem> {
    let wrong = |why: String| Problem::new(format!("cannot read {}: {why}", path.display()));
    let bytes = Disk.read(path, most_bytes + 1).map_err(|error| wrong(error.to_string()))?;
    if bytes.len() > most_bytes {
        return Err(wrong(format!("it has more than {most_bytes} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| wrong("it is no text".to_owned()))
}

struct Reading {
    source: Arc<Source>,
    places: BTreeMap<String, Range<usize>>,
}

impl Reading {
    fn profile(&mut self, file: File) -> Result<Profile, Problem> {
        let permit = self.permit(file.target)?;
        for agent in file.agents.iter().flat_map(|agents| &agents.play) {
            if agent.get_ref() != "customers" {
                let title = "only customers are played on a deployment that is not ours";
                return Err(self.at(agent, title, "not played").help("play = [\"customers\"]"));
            }
        }
        let tables = self.tables(file.data, file.steps.is_empty())?;
        let mut steps = BTreeMap::new();
        for (name, step) in file.steps {
            let part = Part::ALL.iter().find(|(_, known)| known == name.get_ref());
            let Some(&(part, _)) = part else {
                let parts = Part::ALL.map(|(_, name)| name).join(", ");
                let title = format!("a journey has no part {:?}", name.get_ref());
                return Err(self.at(&name, title, "no part").help(format!("parts: {parts}")));
            };
            self.places.insert(part.name().to_owned(), name.span());
            steps.insert(part, self.step(part, step.into_inner())?);
        }
        let needed = steps.is_empty() || steps.contains_key(&Part::Order);
        if !needed {
            return Err(Problem::new("the profile has no [steps.order]: nothing could be ordered"));
        }
        let headers = file.headers;
        let profile = Profile {
            name: file.name,
            permit,
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), value.get_ref().clone()))
                .collect(),
            tables,
            steps,
            provider: file.provider.map(|provider| self.provider(provider)).transpose()?,
        };
        self.names(&profile)?;
        Ok(profile)
    }

    fn at<T>(&self, spanned: &Spanned<T>, title: impl Into<String>, label: &str) -> Problem {
        at(&self.source, spanned.span(), title, label)
    }

    /// The consent; none where no host is listed.
    fn permit(&self, target: TargetFile) -> Result<Option<Permit>, Problem> {
        let TargetFile { hosts, acknowledgement, max_rate, max_duration } = target;
        let rate = max_rate.map(|rate| {
            let read = rate.get_ref().parse::<Rate>();
            read.map(Rate::per_s).map_err(|why| self.at(&rate, why, "no rate"))
        });
        let lasts = max_duration.map(|lasts| {
            let read = lasts.get_ref().parse::<Length>();
            read.map(Length::us).map_err(|why| self.at(&lasts, why, "no length of time"))
        });
        let ceiling_per_s = rate.transpose()?.unwrap_or(MAX_PER_S);
        let ceiling_us = lasts.transpose()?.unwrap_or(MAX_US);
        if let Some(said) =
            acknowledgement.as_ref().filter(|said| said.get_ref() != ACKNOWLEDGEMENT)
        {
            let problem = self.at(said, "the acknowledgement is another", "not word for word");
            return Err(problem.help(format!("acknowledgement = \"{ACKNOWLEDGEMENT}\"")));
        }
        let acknowledgement = acknowledgement.map(Spanned::into_inner).unwrap_or_default();
        Ok(Some(Permit { hosts, acknowledgement, ceiling_per_s, ceiling_us }))
    }

    fn tables(&self, data: Option<Data>, is_ours: bool) -> Result<Tables, Problem> {
        let Some(data) = data else {
            let missing = Problem::new("the profile has steps and no [data] to play them with");
            return if is_ours { Ok(Tables::default()) } else { Err(missing) };
        };
        Ok(Tables {
            users: self.table(&data.users)?,
            skus: self.table(&data.skus)?,
            stores: self.table(&data.stores)?,
            one_time_password: data.one_time_password,
        })
    }

    /// The rows of a table beside the profile: CSV with a line of names.
    fn table(&self, named: &Spanned<String>) -> Result<Vec<BTreeMap<String, String>>, Problem> {
        let folder = self.source.folder.clone().unwrap_or_default();
        let path = folder.join(named.get_ref());
        let text = text(&path, TABLE_BYTES);
        let text = text.map_err(|problem| self.at(named, problem.title, "this table"))?;
        let wrong =
            |why: String| self.at(named, format!("{}: {why}", path.display()), "this table");
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for row in reader.deserialize() {
            rows.push(row.map_err(|error| wrong(error.to_string()))?);
            if rows.len() > ROWS_LIMIT {
                return Err(wrong(format!("it has more than {ROWS_LIMIT} rows")));
            }
        }
        if rows.is_empty() { Err(wrong("it has no rows".to_owned())) } else { Ok(rows) }
    }

    fn step(&mut self, part: Part, step: StepFile) -> Result<StepMap, Problem> {
        let mut put = |key: &str, span: Range<usize>| {
            self.places.insert(format!("{}.{key}", part.name()), span);
        };
        put("path", step.path.span());
        step.body.iter().for_each(|body| put("body", body.span()));
        step.line.iter().for_each(|line| put("line", line.span()));
        step.status.iter().for_each(|status| put("status", status.span()));
        step.headers.iter().for_each(|(name, value)| put(&format!("headers.{name}"), value.span()));
        for (name, pointer) in &step.answer {
            put(&format!("answer.{}", name.get_ref()), pointer.span());
        }
        let method = step.method.as_ref().map(|method| self.method(method)).transpose()?;
        if !step.path.get_ref().starts_with('/') {
            return Err(self.at(&step.path, "a path begins with a slash", "no slash"));
        }
        let mut answer = BTreeMap::new();
        let (must, may) = part.gives();
        for (name, pointer) in step.answer {
            if !must.contains(&name.get_ref().as_str()) && !may.contains(&name.get_ref().as_str()) {
                let title = format!("{} gives no {:?}", part.name(), name.get_ref());
                let can = must.iter().chain(may).copied().collect::<Vec<_>>().join(", ");
                return Err(self.at(&name, title, "not read").help(format!("it gives: {can}")));
            }
            if !pointer.get_ref().starts_with('/') {
                let title = "a place in an answer is a JSON pointer, such as /order/id";
                return Err(self.at(&pointer, title, "no slash"));
            }
            answer.insert(name.into_inner(), pointer.into_inner());
        }
        if let Some(missing) = must.iter().find(|name| !answer.contains_key(**name)) {
            let title = format!("the answer of {} must give {missing}", part.name());
            let span = self.places.get(part.name()).cloned().unwrap_or_default();
            let help = format!("answer = {{ {missing} = \"/where/it/stands\" }}");
            return Err(at(&self.source, span, title, "here").help(help));
        }
        for word in step.words.values() {
            if Stage::from_text(word.get_ref()).is_none() {
                let title = format!("{:?} is no word for how an order stands", word.get_ref());
                let all: Vec<&str> = Stage::ALL.iter().map(|stage| stage.text()).collect();
                let all = all.join(", ");
                return Err(self.at(word, title, "not ours").help(format!("words: {all}")));
            }
        }
        let plain = |(name, value): (String, Spanned<String>)| (name, value.into_inner());
        Ok(StepMap {
            method,
            path: step.path.into_inner(),
            headers: step.headers.into_iter().map(plain).collect(),
            body: step.body.map(Spanned::into_inner),
            line: step.line.map(Spanned::into_inner),
            status: step.status.map(Spanned::into_inner).unwrap_or_default(),
            answer,
            words: step.words.into_iter().map(plain).collect(),
        })
    }

    fn method(&self, method: &Spanned<String>) -> Result<Method, Problem> {
        let all = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
        let found = all.into_iter().find(|known| known.word() == method.get_ref());
        found.ok_or_else(|| {
            let known = all.map(Method::word).join(", ");
            self.at(method, "no method", "not sent").help(format!("methods: {known}"))
        })
    }

    fn provider(&self, provider: ProviderFile) -> Result<Provider, Problem> {
        let listen = provider.listen.map(|listen| {
            let read = listen.get_ref().parse::<SocketAddr>();
            read.map_err(|_| self.at(&listen, "no address such as 127.0.0.1:18490", "no address"))
        });
        let webhook = provider.webhook.map(|webhook| match webhook.get_ref().starts_with('/') {
            true => Ok(webhook.into_inner()),
            false => Err(self.at(&webhook, "a path begins with a slash", "no slash")),
        });
        Ok(Provider { listen: listen.transpose()?, webhook: webhook.transpose()? })
    }

    /// Whether every name in a template is known when its turn comes.
    fn names(&self, profile: &Profile) -> Result<(), Problem> {
        let Tables { users, skus, stores, one_time_password } = &profile.tables;
        let columns = |table: &str, rows: &[BTreeMap<String, String>]| -> Vec<String> {
            let first = rows.first().into_iter().flatten();
            first.map(|(column, _)| format!("{table}.{column}")).collect()
        };
        let mut known: BTreeSet<String> = FROM_THE_BEGIN.map(str::to_owned).into();
        known.extend(columns("user", users));
        known.extend(columns("store", stores));
        known.extend(one_time_password.iter().map(|_| "password".to_owned()));
        let mut in_lines = columns("sku", skus);
        in_lines.push(OF_A_LINE.to_owned());
        for (part, step) in &profile.steps {
            let in_text = |key: &str, text: &str, known: &BTreeSet<String>| {
                let stranger = names(text).find(|name| !known.contains(*name));
                stranger.map_or(Ok(()), |name| Err(self.stranger(*part, key, name, known)))
            };
            in_text("path", &step.path, &known)?;
            for (name, value) in &step.headers {
                in_text(&format!("headers.{name}"), value, &known)?;
            }
            let mut in_body = known.clone();
            in_body.extend(step.line.iter().map(|_| "lines".to_owned()));
            let in_line: BTreeSet<String> = known.iter().chain(&in_lines).cloned().collect();
            for (key, template, known) in
                [("body", &step.body, in_body), ("line", &step.line, in_line)]
            {
                for text in template.iter().flat_map(texts) {
                    in_text(key, text, &known)?;
                }
            }
            known.extend(step.answer.keys().cloned());
        }
        Ok(())
    }

    fn stranger(&self, part: Part, key: &str, name: &str, known: &BTreeSet<String>) -> Problem {
        let span = self.places.get(&format!("{}.{key}", part.name())).cloned().unwrap_or_default();
        let title = format!("{{{name}}} is not known when {} is asked for", part.name());
        let known = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        at(&self.source, span, title, "in this template").help(format!("known are: {known}"))
    }
}
