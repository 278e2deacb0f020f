-- What the workspaces of API clients are told of their own changes: a feed, and signed webhooks made of it.

alter table workspaces add column has_client_events boolean not null default false;
comment on column workspaces.has_client_events is 'The workspace of an API client: its events are copied into client_events.';

-- Copied from the event log by one node at a time. No foreign keys: they would be checked for every message.
create table client_events (
  id uuid primary key,
  workspace_id uuid not null,
  position bigint not null,
  type text not null,
  stream_id uuid not null,
  data json not null,
  created_at timestamptz not null
);
comment on column client_events.id is 'Made of the position, so that an event that is copied again has the same one.';
comment on column client_events.data is 'The event''s data, and beside it the people whom its object names.';
create unique index client_events_position_key on client_events (position);
-- A list without a choice of types asks for each of the few types.
create index client_events_newest on client_events (workspace_id, type, position);

create table webhook_endpoints (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  client_id uuid not null,
  is_live boolean not null,
  url text not null,
  description text,
  event_types text[],
  secret bytea not null,
  previous_secret bytea,
  previous_secret_ends_at timestamptz,
  from_position bigint not null,
  failing_since timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  disabled_at timestamptz,
  disabled_reason text check (disabled_reason in ('requested', 'gone', 'failing', 'client_revoked')),
  deleted_at timestamptz,
  check ((disabled_at is null) = (disabled_reason is null)),
  check ((previous_secret is null) = (previous_secret_ends_at is null))
);
comment on column webhook_endpoints.event_types is 'Which events are sent, in the core''s words; null for all.';
comment on column webhook_endpoints.secret is 'Sealed with the server''s secret.';
comment on column webhook_endpoints.previous_secret is 'Signs too until its end, so that a rotation loses nothing.';
comment on column webhook_endpoints.from_position is 'Where the log stood when it was made or enabled: only what comes after is sent.';
comment on column webhook_endpoints.failing_since is 'Since when every attempt has failed; null after one that did not.';
create index webhook_endpoints_workspace on webhook_endpoints (workspace_id, id) where deleted_at is null;

create table webhook_deliveries (
  id uuid primary key,
  endpoint_id uuid not null,
  event_id uuid not null,
  event_type text not null,
  position bigint not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed', 'cancelled')),
  attempt_count integer not null default 0,
  next_attempt_at timestamptz not null,
  leased_by uuid,
  first_attempt_at timestamptz,
  created_at timestamptz not null,
  finished_at timestamptz,
  replayed_at timestamptz
) with (fillfactor = 80);
comment on column webhook_deliveries.position is 'The event''s place in the log; 0 for a test, which stands in no log.';
comment on column webhook_deliveries.next_attempt_at is 'Due from then on. Before the first attempt the beginning of time, so that those go in the order of the log; during one the end of its lease.';
comment on column webhook_deliveries.leased_by is 'The node that makes an attempt now.';
comment on column webhook_deliveries.replayed_at is 'When it was last sent again, as a delivery of its own.';
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at, position)
  where status = 'pending';
create index webhook_deliveries_newest on webhook_deliveries (endpoint_id, status, id);
create index webhook_deliveries_created_at on webhook_deliveries using brin (created_at);

create table webhook_attempts (
  delivery_id uuid not null,
  number integer not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  status_code integer,
  error text,
  response_excerpt text,
  primary key (delivery_id, number)
);
comment on column webhook_attempts.response_excerpt is 'The beginning of the answer''s body, up to 1 KiB.';

insert into log_readers (name, position) select 'client_events', coalesce(max(position), 0) from events;
