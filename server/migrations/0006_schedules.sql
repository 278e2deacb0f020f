-- Messages that are sent later, and what waits for a person to act.

create table scheduled_messages (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  conversation_id uuid not null references conversations (id),
  author_user_id uuid not null references users (id),
  transport text not null check (transport in ('sms', 'whatsapp', 'email')),
  input json not null,
  scheduled_at timestamptz not null,
  status text not null default 'scheduled' check (status in ('scheduled', 'sent', 'cancelled', 'failed')),
  due_at timestamptz not null,
  claimed_until timestamptz,
  attempt_count integer not null default 0,
  message_id uuid,
  error_code text,
  error_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);
comment on column scheduled_messages.input is 'What is to be sent, as it was given: what it means is looked up when it is due.';
comment on column scheduled_messages.due_at is 'When it is sent, or tried again; while a node is at it, when its claim ends.';
comment on column scheduled_messages.claimed_until is 'A node is sending it, or died over it: it cannot be cancelled before that is settled.';
comment on column scheduled_messages.error_reason is 'A plain sentence that says why it was not sent.';
create index scheduled_messages_due on scheduled_messages (due_at, id) where status = 'scheduled';
create index scheduled_messages_claimed on scheduled_messages (conversation_id) where claimed_until is not null;
create index scheduled_messages_pending on scheduled_messages (conversation_id) where status = 'scheduled';
create index scheduled_messages_conversation on scheduled_messages (conversation_id, id);

create table manual_actions (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  conversation_id uuid not null references conversations (id),
  action text not null,
  reason_code text,
  status text not null default 'pending' check (status in ('pending', 'completed', 'failed')),
  assigned_to uuid references users (id),
  created_by uuid references users (id),
  completed_by uuid references users (id),
  delivery_id uuid,
  schedule_id uuid references scheduled_messages (id),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  completed_at timestamptz
);
comment on column manual_actions.action is 'What a person is to do, and why.';
comment on column manual_actions.reason_code is 'Why the program made it; null for what a member wrote.';
comment on column manual_actions.created_by is 'The member who wrote it; null for the program.';
comment on column manual_actions.completed_at is 'When it was completed, or given up.';
create unique index manual_actions_delivery_key on manual_actions (delivery_id) where delivery_id is not null;
create unique index manual_actions_schedule_key on manual_actions (schedule_id) where schedule_id is not null;
create index manual_actions_workspace on manual_actions (workspace_id, id);
create index manual_actions_status on manual_actions (workspace_id, status, id);

-- Of what nobody could tell for a day, a person is told.
create index deliveries_unknown on deliveries (claimed_at) where status = 'unknown';

insert into log_readers (name, position) select 'manual_actions', coalesce(max(position), 0) from events;
