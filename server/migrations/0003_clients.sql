-- API clients: companies whose servers send messages for their customers. Each has a workspace for live data and one for tests.

create table clients (
  id uuid primary key,
  name text not null,
  domain text not null,
  allowed_ips text[],
  allowed_subdomains text[],
  live_workspace_id uuid not null references workspaces (id),
  test_workspace_id uuid not null references workspaces (id),
  live_public_key text not null,
  test_public_key text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  revoked_at timestamptz
);
comment on column clients.domain is 'The host name of the client''s site, in ASCII: pages of it and of its subdomains may call.';
comment on column clients.allowed_ips is 'Addresses and networks (CIDR) that calls may come from; null for any.';
comment on column clients.allowed_subdomains is 'Labels under the domain, or whole names; null for all of them.';
create unique index clients_live_public_key on clients (live_public_key);
create unique index clients_test_public_key on clients (test_public_key);
create unique index clients_live_workspace on clients (live_workspace_id);
create unique index clients_test_workspace on clients (test_workspace_id);

create table client_tokens (
  id uuid primary key,
  client_id uuid not null references clients (id),
  is_live boolean not null,
  token_hash bytea not null,
  hint text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
comment on column client_tokens.token_hash is 'SHA-256 of the token.';
comment on column client_tokens.hint is 'The last four characters of the token, so that people can tell tokens apart.';
comment on column client_tokens.last_used_at is 'To the minute or so: written from time to time, for many at once.';
create unique index client_tokens_hash on client_tokens (token_hash);
create index client_tokens_client on client_tokens (client_id, id desc);
