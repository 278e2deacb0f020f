-- People, workspaces, conversations, the message log and what hangs on them.
-- Forward only. Times are UTC; ids are UUIDv7 given by the program, so that they sort by time.

create extension if not exists pg_trgm;

create table users (
  id uuid primary key,
  username text not null,
  email text not null,
  name text not null,
  password_hash text not null,
  status text check (status in ('online', 'offline', 'busy', 'out_of_office')),
  status_text text,
  status_expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
comment on column users.status is 'What the person chose to show; null follows the open sockets.';
create unique index users_username_key on users (lower(username)) where deleted_at is null;
create unique index users_email_key on users (lower(email)) where deleted_at is null;
create index users_search on users using gin ((lower(username) || ' ' || lower(name)) gin_trgm_ops) where deleted_at is null;

create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id),
  user_agent text,
  address inet,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_user on sessions (user_id) where revoked_at is null;
create index sessions_expiry on sessions (expires_at);

-- A session's refresh tokens, the used ones too: the second use of one revokes the session.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  created_at timestamptz not null,
  used_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table socket_tickets (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  expires_at timestamptz not null
);

create table workspaces (
  id uuid primary key,
  name text not null,
  domain text not null,
  created_by uuid not null references users (id),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create unique index workspaces_domain_key on workspaces (lower(domain)) where deleted_at is null;

create table members (
  workspace_id uuid not null references workspaces (id),
  user_id uuid not null references users (id),
  role text not null check (role in ('owner', 'admin', 'member', 'agent', 'guest')),
  joined_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, user_id)
);
create index members_user on members (user_id, workspace_id);

-- The head of each event stream: a conversation, a workspace or a user. Whoever writes to a stream locks
-- its head first. Narrow and without further indexes, so that every update stays on its page.
create table streams (
  id uuid primary key,
  kind text not null check (kind in ('conversation', 'workspace', 'user')),
  event_seq bigint not null default 0,
  message_count bigint not null default 0,
  last_message_at timestamptz
) with (fillfactor = 50);
comment on column streams.event_seq is 'The seq of the newest event; gapless from 1.';
comment on column streams.message_count is 'The ordinal of the newest message; gapless from 1.';

create table conversations (
  id uuid primary key,
  workspace_id uuid references workspaces (id),
  kind text not null check (kind in ('channel', 'direct', 'group', 'customer', 'contact', 'voice')),
  name text,
  description text,
  is_private boolean not null default false,
  direct_key text,
  created_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  check ((workspace_id is null) = (kind in ('direct', 'group'))),
  check ((direct_key is not null) = (kind = 'direct'))
);
comment on column conversations.workspace_id is 'The tenant; null for direct and group conversations, which belong to their people.';
comment on column conversations.direct_key is 'The two user ids, in order, so that a pair has one direct conversation.';
create unique index conversations_name_key on conversations (workspace_id, lower(name))
  where kind = 'channel' and deleted_at is null;
create unique index conversations_direct_key on conversations (direct_key) where direct_key is not null;
create index conversations_workspace on conversations (workspace_id, id) where deleted_at is null;

create table participants (
  conversation_id uuid not null references conversations (id),
  user_id uuid not null references users (id),
  joined_at timestamptz not null,
  read_ordinal bigint not null default 0,
  primary key (conversation_id, user_id)
);
comment on column participants.read_ordinal is 'The ordinal up to which the person has read; only rises.';
create index participants_user on participants (user_id, conversation_id);

-- No foreign keys from here on the hot path: the writer takes ids that the operation has already checked.
create table messages (
  id uuid primary key,
  conversation_id uuid not null,
  workspace_id uuid,
  ordinal bigint not null,
  seq bigint not null,
  author_kind text not null,
  author_id uuid not null,
  kind text not null default 'text',
  body text not null,
  root_id uuid,
  reply_count integer not null default 0,
  last_reply_at timestamptz,
  reaction_count integer not null default 0,
  mentions jsonb not null default '[]',
  attachments jsonb not null default '[]',
  client_id text,
  revision integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz
) with (fillfactor = 90);
comment on column messages.ordinal is 'The place among the conversation''s messages; gapless from 1.';
comment on column messages.seq is 'The seq of the event that announced it.';
comment on column messages.root_id is 'The thread''s root message; null for a message outside a thread.';
create unique index messages_ordinal_key on messages (conversation_id, ordinal);
create unique index messages_client_id_key on messages (author_id, client_id) where client_id is not null;
create index messages_thread on messages (root_id, ordinal) where root_id is not null;

create table message_revisions (
  message_id uuid not null,
  revision integer not null,
  body text not null,
  mentions jsonb not null,
  replaced_at timestamptz not null,
  replaced_by uuid not null,
  primary key (message_id, revision)
);

-- Filled from the event log, so that a send does not pay for search.
create table message_search (
  message_id uuid primary key,
  conversation_id uuid not null,
  author_id uuid not null,
  created_at timestamptz not null,
  document tsvector not null
);
comment on column message_search.document is 'Made by core/search/build-document.ts, which knows scripts without spaces.';
create index message_search_document on message_search using gin (document);
create index message_search_newest on message_search (created_at, message_id);
create index message_search_conversation on message_search (conversation_id, created_at, message_id);

create table reactions (
  id uuid primary key,
  message_id uuid not null,
  user_id uuid not null,
  content text not null,
  created_at timestamptz not null,
  unique (message_id, user_id, content)
);
create index reactions_oldest on reactions (message_id, created_at, id);

create table notifications (
  id uuid primary key,
  recipient_user_id uuid not null,
  actor_user_id uuid,
  type text not null,
  target_type text not null,
  target_id uuid not null,
  workspace_id uuid,
  conversation_id uuid,
  read_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index notifications_target_key on notifications (target_id, recipient_user_id, type);
create index notifications_recipient on notifications (recipient_user_id, id desc);
create index notifications_unread on notifications (recipient_user_id, id desc) where read_at is null;

create table files (
  id uuid primary key,
  uploader_user_id uuid not null references users (id),
  name text not null,
  content_type text not null,
  size_bytes bigint not null,
  sha256 bytea,
  storage_key text,
  created_at timestamptz not null,
  completed_at timestamptz,
  expires_at timestamptz
);
comment on column files.storage_key is 'Where the bytes are, or will be: written down before they are, so that no crash leaves bytes that nobody knows of.';
comment on column files.completed_at is 'When the bytes had arrived and had passed the checks; null before.';
comment on column files.expires_at is 'When an upload that no message took is removed; null once a message carries it.';
create index files_expiry on files (expires_at) where expires_at is not null;

create table message_files (
  message_id uuid not null,
  file_id uuid not null references files (id),
  primary key (message_id, file_id)
);
create index message_files_file on message_files (file_id);

-- The event log. position is given in commit order (see core/log/append-events.ts): who reads past a
-- position has seen all that will ever stand before it.
create table events (
  position bigint primary key,
  stream_id uuid not null,
  seq bigint not null,
  workspace_id uuid,
  type text not null,
  data json not null,
  created_at timestamptz not null
);
create unique index events_stream_seq_key on events (stream_id, seq);
create index events_created_at on events using brin (created_at);
create sequence event_positions as bigint cache 1 owned by events.position;

-- How far those have read who follow the log from where they stopped; events beyond the slowest must be kept.
create table log_readers (
  name text primary key,
  position bigint not null
);
insert into log_readers (name, position) values ('search', 0);

create table idempotency_keys (
  scope_id uuid not null,
  key text not null,
  fingerprint bytea not null,
  status integer not null,
  body bytea not null,
  created_at timestamptz not null,
  primary key (scope_id, key)
);
comment on column idempotency_keys.scope_id is 'Whose keys these are: a user, or an address that has not signed in.';
comment on column idempotency_keys.fingerprint is 'SHA-256 of the method, the path and the body.';
comment on column idempotency_keys.body is 'The reply, encrypted with the server''s secret: it may hold tokens.';
create index idempotency_keys_created_at on idempotency_keys (created_at);

create table audit_entries (
  id uuid primary key,
  workspace_id uuid,
  actor_kind text not null,
  actor_id uuid,
  action text not null,
  target_type text not null,
  target_id uuid,
  before jsonb,
  after jsonb,
  address inet,
  created_at timestamptz not null
);
create index audit_entries_workspace on audit_entries (workspace_id, id desc);
