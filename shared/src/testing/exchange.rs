//! The HTTP server of the fakes. It can also fail to answer, as servers and networks do.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use futures_util::{FutureExt as _, StreamExt as _, future::ready, stream};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response,
    body::{Bytes, Frame, Incoming},
    header::CONTENT_LENGTH,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::yield_now, time::sleep};

/// The answer of a fake. Its body may end before its announced length.
pub(super) type Reply = Response<UnsyncBoxBody<Bytes, HangUp>>;

/// Closes the connection, before the answer or in the middle of it.
#[derive(Debug, thiserror::Error)]
#[error("the fake hangs up")]
pub(super) struct HangUp;

/// Serves a free port of this machine from now on, and returns its address.
pub(super) async fn serve<F, R>(reply: F) -> SocketAddr
where
    F: Fn(Request<Bytes>) -> R + Clone + Send + 'static,
    R: Future<Output = Result<Reply, HangUp>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let reply = reply.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let reply = reply.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.map_err(|_| HangUp)?.to_bytes();
                    reply(Request::from_parts(head, body)).await
                }
            });
            // A request is carried out even if its client has given up, as by a real server.
            let mut http = http1::Builder::new();
            let connection = http.half_close(true).serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    address
}

/// A complete answer.
pub(super) fn whole(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::builder().status(status);
    for (name, value) in headers {
        reply = reply.header(*name, *value);
    }
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
    reply.body(body).expect("a fake sends valid headers")
}

/// Announces the whole body, sends its first bytes, and hangs up when `end` says so.
pub(super) fn part(
    body: &Bytes,
    length: usize,
    end: impl Future<Output = HangUp> + Send + 'static,
) -> Reply {
    let first = stream::once(ready(Ok(Frame::data(body.slice(..length)))));
    let sent = StreamBody::new(first.chain(stream::once(end.map(Err)))).boxed_unsync();
    let reply = Response::builder().header(CONTENT_LENGTH, body.len());
    reply.body(sent).expect("a length is a valid header")
}

/// Hangs up after what was sent so far has left.
pub(super) async fn cut() -> HangUp {
    yield_now().await;
    HangUp
}

/// Sends nothing for longer than any client waits.
pub(super) async fn silence() -> HangUp {
    sleep(Duration::from_mins(1)).await;
    HangUp
}
