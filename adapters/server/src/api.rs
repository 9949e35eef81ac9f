//! The list of routes: what each is for, who may ask, what it takes and gives. The router and the
//! OpenAPI document are made of the same list, so neither knows a route that the other does not.

use axum::Router;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr,
    Required, ResponseBuilder, Schema,
};
use utoipa::{IntoParams, ToSchema};

use crate::app::Shared;
use crate::auth::{May, admit};
use crate::backend::Backend;

/// The name of the scheme by which sessions and the admin are known.
const BEARER: &str = "bearer";
/// The header with a provider's signature.
pub(crate) const SIGNATURE: &str = "x-dastak-signature";

/// What a route is, for those who read about it.
pub(crate) struct Doc {
    operation: OperationBuilder,
    schemas: Vec<(String, RefOr<Schema>)>,
}

fn noted<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) -> Ref {
    T::schemas(schemas);
    schemas.push((T::name().into_owned(), T::schema()));
    Ref::from_schema_name(T::name())
}

impl Doc {
    /// In one sentence.
    pub(crate) fn says(what: &str) -> Self {
        let operation = OperationBuilder::new().summary(Some(what));
        Self { operation, schemas: Vec::new() }
    }

    /// It takes a body of JSON.
    pub(crate) fn takes<T: ToSchema>(mut self) -> Self {
        let content = ContentBuilder::new().schema(Some(noted::<T>(&mut self.schemas))).build();
        let body = RequestBodyBuilder::new()
            .content("application/json", content)
            .required(Some(Required::True));
        Self { operation: self.operation.request_body(Some(body.build())), ..self }
    }

    /// It takes a body of text.
    pub(crate) fn takes_text(self, kind: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let content = ContentBuilder::new().schema(Some(text)).build();
        let body = RequestBodyBuilder::new().content(kind, content);
        Self { operation: self.operation.request_body(Some(body.build())), ..self }
    }

    /// It takes what stands behind the question mark.
    pub(crate) fn asks<T: IntoParams>(self) -> Self {
        let parameters = T::into_params(|| Some(ParameterIn::Query));
        Self { operation: self.operation.parameters(Some(parameters)), ..self }
    }

    /// It takes a name for the request, under which a repeat has no further effect.
    pub(crate) fn keyed(self, is_needed: bool) -> Self {
        let required = if is_needed { Required::True } else { Required::False };
        self.header("Idempotency-Key", "Names the request: the same name is heard once.", required)
    }

    fn header(self, name: &str, what: &str, required: Required) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(what))
            .schema(Some(text.max_length(Some(200)).build()));
        Self { operation: self.operation.parameter(parameter.build()), ..self }
    }

    /// It answers with JSON.
    pub(crate) fn gives<T: ToSchema>(mut self, status: StatusCode) -> Self {
        let content = ContentBuilder::new().schema(Some(noted::<T>(&mut self.schemas))).build();
        let response = ResponseBuilder::new()
            .description(status.canonical_reason().unwrap_or_default())
            .content("application/json", content);
        Self { operation: self.operation.response(status.as_str(), response.build()), ..self }
    }

    /// It answers with something else, or nothing.
    pub(crate) fn answers(self, status: StatusCode, kind: Option<&str>) -> Self {
        let reason = status.canonical_reason().unwrap_or_default();
        let response = ResponseBuilder::new().description(reason);
        let response = match kind {
            Some(kind) => response.content(kind, ContentBuilder::new().build()),
            None => response,
        };
        Self { operation: self.operation.response(status.as_str(), response.build()), ..self }
    }

    /// The whole of it, for a route that is for somebody.
    fn done(mut self, path: &str, may: May) -> (Operation, Vec<(String, RefOr<Schema>)>) {
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let digits = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]+$"));
            let parameter = ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(digits.build()));
            self.operation = self.operation.parameter(parameter.build());
        }
        let what = "A problem (RFC 9457): 4xx are the caller's, 503 says to come again.";
        let content = ContentBuilder::new()
            .schema(Some(noted::<crate::problem::Wire<'_>>(&mut self.schemas)))
            .build();
        let problem =
            ResponseBuilder::new().description(what).content("application/problem+json", content);
        self.operation = self.operation.response("default", problem.build());
        match may {
            May::Anyone => {}
            May::Provider => {
                let what = "sha256= and the HMAC-SHA-256 of the body under the webhook secret.";
                self = self.header(SIGNATURE, what, Required::True);
            }
            May::Customer | May::Rider | May::Store | May::Admin => {
                let bearer = SecurityRequirement::new::<_, [String; 0], String>(BEARER, []);
                self.operation = self.operation.security(bearer);
            }
        }
        let who = format!("{may:?}").to_lowercase();
        (self.operation.tag(who).build(), self.schemas)
    }
}

/// Routes as they are listed.
pub(crate) struct Api<B: Backend> {
    app: Shared<B>,
    router: Router<Shared<B>>,
    paths: Paths,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl<B: Backend> Api<B> {
    pub(crate) fn new(app: Shared<B>) -> Self {
        Self { app, router: Router::new(), paths: Paths::new(), schemas: Vec::new() }
    }

    /// One more route.
    fn route<T: 'static>(
        mut self,
        method: (HttpMethod, MethodFilter),
        path: &str,
        may: May,
        handler: impl Handler<T, Shared<B>>,
        doc: Doc,
    ) -> Self {
        let (operation, mut schemas) = doc.done(path, may);
        self.paths.add_path_operation(path, vec![method.0], operation);
        self.schemas.append(&mut schemas);
        let state = (self.app.clone(), may);
        let methods = on(method.1, handler).layer(from_fn_with_state(state, admit::<B>));
        Self { router: self.router.route(path, methods), ..self }
    }

    pub(crate) fn get<T: 'static>(
        self,
        path: &str,
        may: May,
        handler: impl Handler<T, Shared<B>>,
        doc: Doc,
    ) -> Self {
        self.route((HttpMethod::Get, MethodFilter::GET), path, may, handler, doc)
    }

    pub(crate) fn post<T: 'static>(
        self,
        path: &str,
        may: May,
        handler: impl Handler<T, Shared<B>>,
        doc: Doc,
    ) -> Self {
        self.route((HttpMethod::Post, MethodFilter::POST), path, may, handler, doc)
    }

    pub(crate) fn put<T: 'static>(
        self,
        path: &str,
        may: May,
        handler: impl Handler<T, Shared<B>>,
        doc: Doc,
    ) -> Self {
        self.route((HttpMethod::Put, MethodFilter::PUT), path, may, handler, doc)
    }

    pub(crate) fn delete<T: 'static>(
        self,
        path: &str,
        may: May,
        handler: impl Handler<T, Shared<B>>,
        doc: Doc,
    ) -> Self {
        self.route((HttpMethod::Delete, MethodFilter::DELETE), path, may, handler, doc)
    }

    /// The router and the document.
    pub(crate) fn done(self) -> (Router<Shared<B>>, OpenApi) {
        let info = InfoBuilder::new()
            .title("Dastak")
            .version(env!("CARGO_PKG_VERSION"))
            .description(Some("A ten-minute grocery business: orders, stores, riders."));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = ComponentsBuilder::new()
            .schemas_from_iter(self.schemas)
            .security_scheme(BEARER, SecurityScheme::Http(bearer));
        let document = OpenApiBuilder::new()
            .info(info.build())
            .paths(self.paths)
            .components(Some(components.build()));
        (self.router, document.build())
    }
}
