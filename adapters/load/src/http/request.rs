//! What is sent.

/// The methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or acts.
    Post,
    /// Sets.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Gives the word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What goes along with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    /// Its media type, such as `application/json`.
    pub media: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> Body<'a> {
    /// Takes JSON.
    #[must_use]
    pub fn json(bytes: &'a [u8]) -> Self {
        Self { media: "application/json", bytes }
    }
}

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// What to do.
    pub method: Method,
    /// Path and query under the target's base, with its leading slash, already percent-encoded.
    pub path: &'a str,
    /// Headers besides those that the client writes: host, session, idempotency key, length and
    /// type of the body.
    pub headers: &'a [(&'a str, &'a str)],
    /// The token of the session in which it is asked.
    pub bearer: Option<&'a str>,
    /// What makes a repetition of this request the same request.
    pub idempotency_key: Option<&'a str>,
    /// What goes along.
    pub body: Option<Body<'a>>,
}

impl<'a> Request<'a> {
    /// Makes a request that reads a path.
    #[must_use]
    pub fn get(path: &'a str) -> Self {
        let (headers, bearer, idempotency_key, body) = (&[][..], None, None, None);
        Self { method: Method::Get, path, headers, bearer, idempotency_key, body }
    }

    /// Makes a request that posts JSON.
    #[must_use]
    pub fn post(path: &'a str, json: &'a [u8]) -> Self {
        Self { method: Method::Post, body: Some(Body::json(json)), ..Self::get(path) }
    }

    /// Adds headers.
    #[must_use]
    pub fn with(self, headers: &'a [(&'a str, &'a str)]) -> Self {
        Self { headers, ..self }
    }

    /// Says what makes a repetition the same request.
    #[must_use]
    pub fn keyed(self, idempotency_key: &'a str) -> Self {
        Self { idempotency_key: Some(idempotency_key), ..self }
    }

    /// Gives a digest of what is asked for: method, path and body.
    ///
    /// Two requests with one idempotency key and different digests are a misuse of the key.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let body = self.body.map_or(&[][..], |body| body.bytes);
        let path = xxhash_rust::xxh3::xxh3_64_with_seed(self.path.as_bytes(), self.method as u64);
        xxhash_rust::xxh3::xxh3_64_with_seed(body, path)
    }

    /// Writes it as it goes over the wire.
    ///
    /// # Panics
    /// If path or headers would break out of their lines: a bug in the caller.
    pub(super) fn write(&self, authority: &str, base: &str, wire: &mut Vec<u8>) {
        let mut put = |words: [&str; 3], end: &str| {
            for word in words {
                assert!(word.bytes().all(|byte| byte >= b' ' && byte != 0x7F), "control in {word}");
                wire.extend_from_slice(word.as_bytes());
            }
            wire.extend_from_slice(end.as_bytes());
        };
        assert!(self.path.starts_with('/') && !self.path.contains(' '), "path {}", self.path);
        put([self.method.word(), " ", base], "");
        put([self.path, "", ""], " HTTP/1.1\r\n");
        put(["host: ", authority, ""], "\r\n");
        for &(name, value) in self.headers {
            put([name, ": ", value], "\r\n");
        }
        if let Some(token) = self.bearer {
            put(["authorization: Bearer ", token, ""], "\r\n");
        }
        if let Some(key) = self.idempotency_key {
            put(["idempotency-key: ", key, ""], "\r\n");
        }
        if let Some(body) = self.body {
            put(["content-type: ", body.media, ""], "\r\n");
            put(["content-length: ", &body.bytes.len().to_string(), ""], "\r\n\r\n");
            wire.extend_from_slice(body.bytes);
        } else {
            // A request that acts and has no body says so (RFC 9110, 8.6).
            let bare = matches!(self.method, Method::Get | Method::Delete);
            put(["", "", ""], if bare { "\r\n" } else { "content-length: 0\r\n\r\n" });
        }
    }
}
