//! Answers to requests that bear a key, kept so that the same request is answered again instead of being done again.

use crate::{
    Store,
    db::{execute, row},
    error::StoreError,
    word::{from_json, integer, json, natural},
};
use model::id::WorkspaceId;

/// Whose request a key names. Keys of other actors and workspaces are others.
#[derive(Debug, Clone)]
pub struct RequestKey {
    pub workspace: WorkspaceId,
    pub actor: String,
    pub key: String,
}

/// An answer as it went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Of the request that it answers, by which another one under the same key is told apart.
    pub request_digest: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What came of claiming a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's, who has to answer or to give it back.
    New,
    /// Another request that bears it is still being answered.
    GoingOn,
    Answered(KeptAnswer),
}

type Columns = (
    i64,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<Vec<u8>>,
);

impl Store {
    /// Claims a key at the time `now`, unless it was claimed at `since` or later; older ones are forgotten. Of two at
    /// once, one gets it. One whose process is gone before it answered is free again.
    pub async fn claim_key(
        &self,
        key: &RequestKey,
        now: &str,
        since: &str,
    ) -> Result<Claim, StoreError> {
        let alive = self.alive().await?;
        let mut tx = self.db.begin().await?;
        execute!(&mut tx, "DELETE FROM answers WHERE asked_at < $1", since)?;
        let owner = integer(self.owner())?;
        let claimed = execute!(
            &mut tx,
            "INSERT INTO answers (workspace, actor, request_key, lease, asked_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (workspace, actor, request_key) DO NOTHING",
            key.workspace.as_str(),
            key.actor.as_str(),
            key.key.as_str(),
            owner,
            now
        )?;
        if claimed == 1 {
            tx.commit().await?;
            return Ok(Claim::New);
        }
        let found: Option<Columns> = row!(
            &mut tx,
            "SELECT lease, request_digest, status, headers, body FROM answers \
             WHERE workspace = $1 AND actor = $2 AND request_key = $3",
            key.workspace.as_str(),
            key.actor.as_str(),
            key.key.as_str()
        )?;
        let Some((lease, request_digest, status, headers, body)) = found else {
            // It was given back this moment.
            return Ok(Claim::GoingOn);
        };
        if let (Some(request_digest), Some(status), Some(headers), Some(body)) =
            (request_digest, status, headers, body)
        {
            return Ok(Claim::Answered(KeptAnswer {
                request_digest,
                status: u16::try_from(status).map_err(StoreError::corrupt)?,
                headers: from_json(&headers)?,
                body,
            }));
        }
        if alive.contains(&natural(lease)?) {
            return Ok(Claim::GoingOn);
        }
        let taken = execute!(
            &mut tx,
            "UPDATE answers SET lease = $4, asked_at = $5 WHERE workspace = $1 AND actor = $2 AND request_key = $3 \
             AND lease = $6 AND status IS NULL",
            key.workspace.as_str(),
            key.actor.as_str(),
            key.key.as_str(),
            owner,
            now,
            lease
        )?;
        tx.commit().await?;
        Ok(if taken == 1 {
            Claim::New
        } else {
            Claim::GoingOn
        })
    }

    /// Keeps the answer to a request whose key is claimed.
    pub async fn keep_answer(
        &self,
        key: &RequestKey,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let kept = execute!(
            &mut tx,
            "UPDATE answers SET request_digest = $4, status = $5, headers = $6, body = $7 \
             WHERE workspace = $1 AND actor = $2 AND request_key = $3 AND status IS NULL",
            key.workspace.as_str(),
            key.actor.as_str(),
            key.key.as_str(),
            answer.request_digest.as_str(),
            i64::from(answer.status),
            json(&answer.headers)?,
            answer.body.as_slice()
        )?;
        if kept == 0 {
            return Err(StoreError::NotFound);
        }
        tx.commit().await
    }

    /// Gives a claimed key back, so that the request may be sent again.
    pub async fn give_key_back(&self, key: &RequestKey) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        execute!(
            &mut tx,
            "DELETE FROM answers WHERE workspace = $1 AND actor = $2 AND request_key = $3 AND status IS NULL",
            key.workspace.as_str(),
            key.actor.as_str(),
            key.key.as_str()
        )?;
        tx.commit().await
    }
}
