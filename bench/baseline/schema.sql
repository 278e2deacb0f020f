-- What a competent developer would write in an afternoon: keys, references and the indexes that the queries need.

create table users (
  id uuid primary key default gen_random_uuid(),
  username text not null unique,
  email text not null unique,
  name text not null,
  password_hash text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table workspaces (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  created_by uuid not null references users (id),
  created_at timestamptz not null default now()
);

create table workspace_members (
  workspace_id uuid not null references workspaces (id),
  user_id uuid not null references users (id),
  role text not null,
  primary key (workspace_id, user_id)
);

create table channels (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references workspaces (id),
  name text not null,
  created_by uuid not null references users (id),
  created_at timestamptz not null default now(),
  unique (workspace_id, name)
);

create table channel_members (
  channel_id uuid not null references channels (id),
  user_id uuid not null references users (id),
  primary key (channel_id, user_id)
);
create index channel_members_user on channel_members (user_id);

create table messages (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity,
  channel_id uuid not null references channels (id),
  user_id uuid not null references users (id),
  body text not null,
  parent_message_id uuid references messages (id),
  thread_reply_count integer not null default 0,
  thread_last_reply_at timestamptz,
  attachments jsonb not null default '[]',
  mentions jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index messages_channel on messages (channel_id, number);

create table reactions (
  id uuid primary key default gen_random_uuid(),
  message_id uuid not null references messages (id),
  user_id uuid not null references users (id),
  reaction_content text not null,
  created_at timestamptz not null default now(),
  unique (message_id, user_id, reaction_content)
);
