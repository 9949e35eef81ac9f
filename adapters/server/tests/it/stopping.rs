//! A server that is told to stop finishes what it has begun.

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::client::Client;
use crate::order::{order_on, quoted_by};
use crate::{Served, run, setup, world};

#[test]
fn what_waits_in_the_outbox_is_asked_before_the_server_ends() {
    run(async || {
        let bank = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let providers = format!("http://{}", bank.local_addr().unwrap());
        let (asked, mut was_asked) = tokio::sync::mpsc::unbounded_channel();
        let router = Router::new().route(
            "/payment/create",
            post(move || async move {
                // Slower than the server's decision to stop.
                tokio::time::sleep(Duration::from_millis(300)).await;
                asked.send(()).unwrap();
            }),
        );
        tokio::spawn(async move { axum::serve(bank, router).await });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::of(vec![listener.local_addr().unwrap()]);
        let server = Served::begin(listener, setup(providers));
        client.put_world(&world()).await;
        let quote = quoted_by(&client).await;
        let placed = client.post_as("one", "/api/orders", &order_on(&quote, "upi")).await;
        assert_eq!(placed.status, 201, "{placed:?}");
        server.stop().await;
        assert!(was_asked.try_recv().is_ok(), "the provider was never asked");
    });
}
