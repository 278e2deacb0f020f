-- API clients: tenants whose own servers call the API.

create table clients (
  id uuid primary key,
  name text not null,
  domain text not null,
  allowed_ips text[],
  allowed_subdomains text[],
  live_workspace_id uuid not null references workspaces (id),
  test_workspace_id uuid not null references workspaces (id),
  live_public_key text not null unique,
  test_public_key text not null unique,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  revoked_at timestamptz
);
comment on column clients.domain is 'Where its web pages are: a host name in lower case.';
comment on column clients.allowed_ips is 'Addresses and networks (CIDR) that its servers call from; null for any.';
comment on column clients.allowed_subdomains is 'Which subdomains of its domain may call; null for all.';
create index clients_newest on clients (created_at desc, id desc);

create table client_tokens (
  id uuid primary key,
  client_id uuid not null references clients (id),
  is_live boolean not null,
  token_hash bytea not null unique,
  hint text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
comment on column client_tokens.token_hash is 'SHA-256: the token itself is shown once, and not kept.';
comment on column client_tokens.hint is 'The last characters, by which people tell tokens apart.';
comment on column client_tokens.last_used_at is 'To the minute.';
create index client_tokens_client on client_tokens (client_id) where revoked_at is null;
