//! The way to PostgreSQL: by TLS with a certificate authority of one's own, and through a pooler.

use crate::{
    cluster::{Cluster, done},
    command::{command, text},
    house::{orders, sample},
    places::not_run,
    serving::{Serving, answer},
    sound::{number, sound_at},
};
use serde_json::{Value, json};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_believed_only_with_a_certificate_of_the_authority_that_is_named() {
    let cluster = match Cluster::make(None) {
        Ok(cluster) => cluster,
        Err(why) => return not_run(&format!("no PostgreSQL can be made here: {why}")),
    };
    let folder = cluster.folder();
    if let Err(why) = certificates(folder) {
        return not_run(&format!("openssl makes no certificates here: {why}"));
    }
    for file in ["server.pem", "server.key"] {
        cluster.give(&folder.join(file)).unwrap();
    }
    cluster.begin(&[
        "ssl=on",
        &format!("ssl_cert_file={}", text(&folder.join("server.pem"))),
        &format!("ssl_key_file={}", text(&folder.join("server.key"))),
    ]);
    let data = tempfile::tempdir().unwrap();
    let with = |host: &str, authority: &str| {
        let (port, authority) = (cluster.port(), folder.join(authority));
        format!(
            "postgres://postgres@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={}",
            text(&authority)
        )
    };
    let mut serve = command(&["serve", "--data-dir", text(data.path())]);
    let server = Serving::of(serve.env("DATABASE_URL", with("localhost", "ours.pem")));
    server.begin("a.csv", orders(1..=10).as_bytes());
    assert_eq!(server.settled()[0]["status"], "complete");
    let connections = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                       WHERE application_name = 'tarazu' AND ssl =";
    let url = cluster.url("postgres");
    assert!(number(&url, &format!("{connections} true")).await > 0);
    assert_eq!(number(&url, &format!("{connections} false")).await, 0);

    // Another authority, and a name that is not in the certificate.
    for (host, authority) in [("localhost", "theirs.pem"), ("127.0.0.1", "ours.pem")] {
        let mut verify = command(&["audit", "verify", "--data-dir", text(data.path())]);
        let refused = verify
            .env("DATABASE_URL", with(host, authority))
            .output()
            .unwrap();
        assert!(!refused.status.success());
        let says = String::from_utf8(refused.stderr).unwrap();
        println!("{says}");
        assert!(says.contains("certificate"), "{says}");
    }
}

/// Two authorities, `ours` and `theirs`, and a certificate of ours for localhost.
fn certificates(folder: &Path) -> Result<(), String> {
    let openssl = |args: &[&str]| done(Command::new("openssl").args(args).current_dir(folder));
    for name in ["ours", "theirs"] {
        let (key, out, subject) = (
            format!("{name}.key"),
            format!("{name}.pem"),
            format!("/CN={name}"),
        );
        openssl(&[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", &key, "-out",
            &out, "-subj", &subject,
        ])?;
    }
    openssl(&[
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "server.key",
        "-out",
        "server.csr",
        "-subj",
        "/CN=localhost",
    ])?;
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost").map_err(|it| it.to_string())?;
    openssl(&[
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ours.pem",
        "-CAkey",
        "ours.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "server.pem",
    ])?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_go_through_a_pooler_that_gives_each_transaction_another_session() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return not_run(&format!("no PostgreSQL can be started here: {why}")),
    };
    let pooler = match Pooler::start(&cluster) {
        Ok(pooler) => pooler,
        Err(why) => return not_run(&format!("no pgbouncer can be started here: {why}")),
    };
    let data = tempfile::tempdir().unwrap();
    let mut serve = command(&["serve", "--data-dir", text(data.path())]);
    let server = Serving::of(serve.env("DATABASE_URL", pooler.url()));
    for seed in 1..=6 {
        let (file, _) = sample(2_000, seed);
        server.begin(&format!("{seed}.csv"), &file);
    }
    let runs = server.settled();
    assert!(
        runs.len() == 6 && runs.iter().all(|it| it["status"] == "complete"),
        "{runs:?}"
    );
    // So do the acts of people, and rows that are sent out while others ask.
    let acts = [
        (
            "/api/v1/exceptions/bulk".to_owned(),
            json!({
                "filter": { "code": "VAL06" },
                "act": { "act": "waive", "reason": "returns" }
            }),
        ),
        (
            format!(
                "/api/v1/runs/{}/withdrawal",
                runs[0]["id"].as_str().unwrap()
            ),
            json!({ "reason": "the wrong month" }),
        ),
    ];
    for (path, body) in acts {
        let done = answer(server.ask(&path, &body));
        assert_eq!(done.status, 200, "{path}: {done:?}");
    }
    let (_, sales) = server.get("/api/v1/sales");
    let sales: Value = serde_json::from_str(&sales).unwrap();
    let (status, rows) = server.get("/api/v1/rows.csv");
    let counting = sales["total"]["rows"].as_u64().unwrap();
    assert_eq!((status, rows.lines().count() as u64), (200, counting + 1));
    sound_at(&cluster.url("postgres")).await;
}

/// pgbouncer in transaction mode, with two connections to the database.
struct Pooler {
    child: Child,
    port: u16,
}

impl Pooler {
    fn start(cluster: &Cluster) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").map_err(|it| it.to_string())?;
        let port = free.local_addr().map_err(|it| it.to_string())?.port();
        drop(free);
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n\
             max_client_conn = 200\nunix_socket_dir =\nignore_startup_parameters = extra_float_digits\n",
            cluster.port()
        );
        let file = cluster.folder().join("pgbouncer.ini");
        fs::write(&file, settings).map_err(|it| it.to_string())?;
        done(cluster.program("pgbouncer").arg("--version"))?;
        let child = cluster
            .program("pgbouncer")
            .arg("--quiet")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn();
        let pooler = Self {
            child: child.map_err(|it| it.to_string())?,
            port,
        };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(pooler);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("it does not listen".to_owned())
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // Through runuser, which a killed child would leave it behind.
        let _ = done(Command::new("kill").arg(self.child.id().to_string()));
        let _ = self.child.wait();
    }
}
