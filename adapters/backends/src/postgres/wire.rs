//! One connection, and what is said over it: statements in a row, and one answer to all of them.
//!
//! Statements that are sent together are one transaction, unless they begin one themselves: they
//! have one Sync, so the server begins, ends and answers once. Clients that end each statement with
//! a Sync have it answer each by itself: a unit of work then costs the server half as much again,
//! and us three times as much. Reaching the server, types and frames are the libraries'.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::{DataRowBody, ErrorResponseBody, Message};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{self, FromSql, Type};
use tokio_postgres::{Config, NoTls};

use super::cells::Param;

/// Bytes that are read at once.
const CHUNK: usize = 8 * 1024;
/// What a server says that is in no transaction.
const AT_REST: u8 = b'I';
/// The port of a server whose address names none.
const PORT: u16 = 5432;
/// Parameters and columns go as the types' own bytes, not as text.
const BINARY: [i16; 1] = [1];

/// Why statements were not carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The server refused the first of them that it did not carry out; nothing is left of the
    /// others of its transaction.
    #[error("{message} ({})", code.code())]
    Refused {
        /// Why, as a code.
        code: SqlState,
        /// Why, in words.
        message: String,
        /// More about it.
        detail: String,
        /// How many statements of the transaction were carried out before.
        before: usize,
    },
    /// The connection broke, and nobody knows what was done.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// There was no connection yet: nobody was reached, or the server did not let us in.
    #[error("no connection: {0}")]
    Greeting(#[from] tokio_postgres::Error),
}

/// What bytes go over.
trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// A statement that the server has prepared.
pub(super) struct Statement {
    name: String,
    params: Vec<Type>,
    columns: Arc<[Column]>,
}

/// A column of what a statement gives.
pub(super) struct Column {
    pub(super) name: String,
    kind: Type,
}

/// A row of what a statement gave.
pub(super) struct Row {
    columns: Arc<[Column]>,
    body: DataRowBody,
    cells: Vec<Option<std::ops::Range<usize>>>,
}

impl Row {
    fn of(columns: &Arc<[Column]>, body: DataRowBody) -> io::Result<Self> {
        let cells = body.ranges().collect()?;
        Ok(Self { columns: Arc::clone(columns), body, cells })
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The value in a column; none if there is no such column or it holds something else.
    pub(super) fn value<'a, T: FromSql<'a>>(&'a self, at: usize) -> Option<T> {
        let (column, cell) = (self.columns.get(at)?, self.cells.get(at)?);
        if !T::accepts(&column.kind) {
            return None;
        }
        let bytes = cell.clone().map(|range| &self.body.buffer()[range]);
        T::from_sql_nullable(&column.kind, bytes).ok()
    }
}

/// What came of a transaction: the rows of each of its statements.
pub(super) type Answered = Result<Vec<Vec<Row>>, Failure>;

/// Something to say.
pub(super) enum Said<'a> {
    /// A statement with its parameters.
    Statement(&'a Statement, &'a [Param]),
    /// What was said before is a transaction by itself.
    Over,
}

/// One connection. It is given up when what is said over it is not heard to the end.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    /// What has come and was not looked at yet.
    input: BytesMut,
    chunk: Box<[u8; CHUNK]>,
    /// Whether every word was answered, and no transaction is open.
    is_at_rest: bool,
}

impl Wire {
    /// Reaches a server, and is greeted.
    pub(super) async fn open(config: &Config) -> Result<Self, Failure> {
        let mut stream = reach(config).await?;
        // The library greets. What it sets up for talking is dropped, and has said nothing.
        drop(config.connect_raw(&mut stream, NoTls).await?);
        let (input, chunk) = (BytesMut::with_capacity(CHUNK), Box::new([0; CHUNK]));
        Ok(Self { stream, input, chunk, is_at_rest: true })
    }

    /// Whether more can be said: what was said before was answered, and the server is there still.
    pub(super) fn is_usable(&mut self) -> bool {
        let mut chunk = ReadBuf::new(&mut *self.chunk);
        let mut context = Context::from_waker(Waker::noop());
        // A server says nothing of its own accord but that it ends.
        let heard = Pin::new(&mut self.stream).poll_read(&mut context, &mut chunk);
        self.is_at_rest && heard.is_pending()
    }

    /// Has statements prepared.
    pub(super) async fn prepare(&mut self, texts: &[String]) -> Result<Vec<Statement>, Failure> {
        let mut out = BytesMut::new();
        let name = |at: usize| format!("s{at}");
        for (at, text) in texts.iter().enumerate() {
            frontend::parse(&name(at), text, [], &mut out)?;
            frontend::describe(b'S', &name(at), &mut out)?;
        }
        frontend::sync(&mut out);
        let mut statements: Vec<Statement> = Vec::with_capacity(texts.len());
        let mut params = Vec::new();
        #[expect(clippy::wildcard_enum_match_arm, reason = "what else is said changes nothing")]
        let hear = |_, message| {
            let columns = match message {
                Message::ParameterDescription(body) => {
                    params = body.parameters().map(|oid| Ok(kind(oid))).collect()?;
                    return Ok(());
                }
                Message::RowDescription(body) => {
                    let column =
                        |name: &str, oid| Column { name: name.to_owned(), kind: kind(oid) };
                    let fields =
                        body.fields().map(|field| Ok(column(field.name(), field.type_oid())));
                    fields.collect::<Vec<_>>()?
                }
                Message::NoData => Vec::new(),
                _ => return Ok(()),
            };
            let (name, params) = (name(statements.len()), std::mem::take(&mut params));
            statements.push(Statement { name, params, columns: columns.into() });
            Ok(())
        };
        let refused = self.exchange(&out, 1, hear).await?.into_iter().flatten().next();
        refused.map_or(Ok(statements), Err)
    }

    /// Has statements carried out, in order: of each transaction what came of it.
    ///
    /// # Panics
    /// If a parameter is not of its statement's type.
    pub(super) async fn say(&mut self, said: &[Said<'_>]) -> Result<Vec<Answered>, Failure> {
        let mut out = BytesMut::with_capacity(CHUNK);
        let mut asked: Vec<Vec<&Statement>> = vec![Vec::new()];
        for said in said {
            match said {
                Said::Statement(statement, params) => {
                    bind(statement, params, &mut out)?;
                    asked.last_mut().expect("there is one").push(statement);
                }
                Said::Over => {
                    frontend::sync(&mut out);
                    asked.push(Vec::new());
                }
            }
        }
        frontend::sync(&mut out);
        let mut found: Vec<Vec<Vec<Row>>> =
            asked.iter().map(|part| Vec::with_capacity(part.len())).collect();
        let (mut rows, mut at) = (Vec::new(), 0);
        let hear = |part: usize, message| {
            if part != at {
                // What was refused in the middle gave no rows.
                (rows, at) = (Vec::new(), part);
            }
            let statement = asked[part].get(found[part].len());
            match (message, statement) {
                (Message::DataRow(body), Some(asked)) => rows.push(Row::of(&asked.columns, body)?),
                (Message::CommandComplete(_) | Message::EmptyQueryResponse, _) => {
                    found[part].push(std::mem::take(&mut rows));
                }
                _ => {}
            }
            Ok(())
        };
        let refused = self.exchange(&out, asked.len(), hear).await?;
        let answered = |(found, refused): (Vec<_>, Option<Failure>)| match refused {
            Some(Failure::Refused { code, message, detail, .. }) => {
                Err(Failure::Refused { code, message, detail, before: found.len() })
            }
            Some(failure) => Err(failure),
            None => Ok(found),
        };
        Ok(found.into_iter().zip(refused).map(answered).collect())
    }

    /// Sends bytes and hears what is answered, until the server is ready so many times: what it
    /// refused in each part. What is answered in a part after that is not told.
    async fn exchange(
        &mut self,
        mut out: &[u8],
        parts: usize,
        mut hear: impl FnMut(usize, Message) -> io::Result<()>,
    ) -> Result<Vec<Option<Failure>>, Failure> {
        let (mut all, mut refused) = (Vec::with_capacity(parts), None);
        self.is_at_rest = false;
        let mut is_open = false;
        while all.len() < parts {
            let Some(message) = Message::parse(&mut self.input)? else {
                std::future::poll_fn(|context| self.carry(context, &mut out)).await?;
                continue;
            };
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "what else is said is heard by others"
            )]
            match message {
                Message::ReadyForQuery(body) => {
                    all.push(refused.take());
                    is_open = body.status() != AT_REST;
                }
                Message::ErrorResponse(body) => refused = refused.or(Some(refusal(&body)?)),
                message if refused.is_none() => hear(all.len(), message)?,
                _ => {}
            }
        }
        self.is_at_rest = !is_open;
        Ok(all)
    }

    /// Writes what can be written, and reads what has come.
    fn carry(&mut self, context: &mut Context<'_>, out: &mut &[u8]) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.stream);
        while !out.is_empty() {
            match stream.as_mut().poll_write(context, out)? {
                Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(written) => *out = &out[written..],
                // Who does not listen may wait to be heard.
                Poll::Pending => break,
            }
        }
        let mut chunk = ReadBuf::new(&mut *self.chunk);
        std::task::ready!(stream.poll_read(context, &mut chunk))?;
        if chunk.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        self.input.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(()))
    }
}

/// A type of those that come with every server; statements are about no others.
fn kind(oid: types::Oid) -> Type {
    Type::from_oid(oid).unwrap_or(Type::UNKNOWN)
}

fn bind(statement: &Statement, params: &[Param], out: &mut BytesMut) -> io::Result<()> {
    let Statement { name, params: kinds, .. } = statement;
    assert_eq!(params.len(), kinds.len(), "parameters of {name}");
    let put = |(param, kind): (&Param, &Type), out: &mut BytesMut| {
        param.to_sql_checked(kind, out).map(|is_null| match is_null {
            types::IsNull::Yes => IsNull::Yes,
            types::IsNull::No => IsNull::No,
        })
    };
    let values = params.iter().zip(kinds);
    frontend::bind("", name, BINARY, values, put, BINARY, out).map_err(|error| match error {
        frontend::BindError::Conversion(error) => panic!("a parameter of {name}: {error}"),
        frontend::BindError::Serialization(error) => error,
    })?;
    frontend::execute("", 0, out)
}

/// What the server refused, and why.
fn refusal(body: &ErrorResponseBody) -> io::Result<Failure> {
    let (mut code, mut message, mut detail) =
        (SqlState::INTERNAL_ERROR, String::new(), String::new());
    let mut fields = body.fields();
    while let Some(field) = fields.next()? {
        let value = String::from_utf8_lossy(field.value_bytes());
        match field.type_() {
            b'C' => code = SqlState::from_code(&value),
            b'M' => message = value.into_owned(),
            b'D' => detail = value.into_owned(),
            _ => {}
        }
    }
    Ok(Failure::Refused { code, message, detail, before: 0 })
}

/// Reaches the first of a configuration's servers that can be reached.
async fn reach(config: &Config) -> io::Result<Box<dyn Stream>> {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let mut failure = io::ErrorKind::AddrNotAvailable.into();
    for at in 0..hosts.len().max(addresses.len()) {
        let ports = config.get_ports();
        let port = *ports.get(at).or(ports.first()).unwrap_or(&PORT);
        match reach_one(hosts.get(at), addresses.get(at), port).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn reach_one(
    host: Option<&Host>,
    address: Option<&IpAddr>,
    port: u16,
) -> io::Result<Box<dyn Stream>> {
    let stream = match (address, host) {
        (Some(address), _) => TcpStream::connect((*address, port)).await?,
        (None, Some(Host::Tcp(name))) => TcpStream::connect((name.as_str(), port)).await?,
        (None, Some(Host::Unix(folder))) => {
            let socket = folder.join(format!(".s.PGSQL.{port}"));
            return Ok(Box::new(UnixStream::connect(socket).await?));
        }
        (None, None) => return Err(io::ErrorKind::AddrNotAvailable.into()),
    };
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}
