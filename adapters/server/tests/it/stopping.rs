//! A server that starts serves at once, and one that is told to stop finishes what it has begun.

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use dastak_server::Setup;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::client::Client;
use crate::order::{order_on, quoted_by};
use crate::{Served, Town, run, run_alone, run_replicas, setup, world};

/// The head of what is answered on a connection; empty if that is over.
async fn asked(connection: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    let mut head = Vec::new();
    if connection.write_all(request.as_bytes()).await.is_ok() {
        while !head.ends_with(b"\r\n\r\n")
            && connection.read_buf(&mut head).await.is_ok_and(|n| n > 0)
        {}
    }
    String::from_utf8(head).unwrap().split("\r\n\r\n").next().unwrap().to_owned()
}

/// Who starts where a world is installed has it before the first request.
#[test]
fn a_server_that_starts_turns_nobody_away() {
    run_replicas(async || {
        let town = Town::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let late = Client::of(vec![listener.local_addr().unwrap()]);
        let server = Served::begin(listener, setup(town.bank.address(0)));
        let ready = late.get("/readyz").await;
        assert_eq!(ready.status, 200, "{ready:?}");
        server.stop().await;
        town.stop().await;
    });
}

/// First it is not ready and lets go of connections with their answers, then it takes no new ones.
#[test]
fn a_server_that_is_to_stop_says_so_first() {
    run_alone(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let linger = Duration::from_millis(500);
        let server = Served::begin(listener, Setup { linger, ..setup(String::new()) });
        let connect = async || TcpStream::connect(address).await.unwrap();
        let (mut busy, mut idle) = (connect().await, connect().await);
        for connection in [&mut busy, &mut idle] {
            let answer = asked(connection, "/livez").await;
            assert!(answer.contains(" 200 ") && !answer.contains("connection: close"), "{answer}");
        }
        let stopping = tokio::spawn(server.stop());
        tokio::time::sleep(linger / 5).await;
        let unready = asked(&mut connect().await, "/readyz").await;
        assert!(unready.contains(" 503 ") && unready.contains("connection: close"), "{unready}");
        let last = asked(&mut busy, "/livez").await;
        assert!(last.contains(" 200 ") && last.contains("connection: close"), "{last}");
        assert_eq!(busy.read(&mut [0]).await.unwrap(), 0, "it is closed behind the answer");
        stopping.await.unwrap();
        assert_eq!(idle.read(&mut [0]).await.unwrap(), 0, "it is closed at the end");
        assert!(TcpStream::connect(address).await.is_err(), "nobody is let in any more");
    });
}

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
