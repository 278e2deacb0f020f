-- Contacts with their addresses, the conversations between them, and lists that are ordered by activity.

-- The workspace of an API client is made by the program.
alter table workspaces alter column created_by drop not null;
comment on column workspaces.created_by is 'Who made it; null for the workspaces of an API client.';

alter table streams drop constraint streams_kind_check;
alter table streams add constraint streams_kind_check
  check (kind in ('conversation', 'workspace', 'user', 'contact', 'client'));

create table contacts (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  name text not null,
  metadata json not null default '{}',
  message_count bigint not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
comment on column contacts.metadata is 'What the workspace keeps with the contact: a JSON object, as it was given.';
comment on column contacts.message_count is 'Messages that the contact sent, as far as the activity reader has come.';
create index contacts_newest on contacts (workspace_id, created_at desc, id desc) where deleted_at is null;

-- A person is reached at many addresses; the workspace has one contact for each.
create table addresses (
  id uuid primary key,
  workspace_id uuid not null,
  contact_id uuid not null references contacts (id),
  kind text not null check (kind in ('email', 'phone', 'whatsapp')),
  value text not null,
  created_at timestamptz not null,
  deleted_at timestamptz
);
comment on column addresses.value is 'In its one spelling: an email in lower case.';
create unique index addresses_key on addresses (workspace_id, kind, value) where deleted_at is null;
create index addresses_contact on addresses (contact_id);

alter table conversations add column is_general boolean not null default false;
alter table conversations add column contacts_key text;
alter table conversations add check ((contacts_key is not null) = (kind = 'customer'));
comment on column conversations.is_general is 'The one conversation of its contacts that has no subject of its own.';
comment on column conversations.contacts_key is 'The contacts'' ids in order, so that a set has one general conversation and one of each name.';
create unique index conversations_general_key on conversations (workspace_id, contacts_key)
  where is_general and deleted_at is null;
create unique index conversations_customer_name_key on conversations (workspace_id, contacts_key, name)
  where kind = 'customer' and not is_general and deleted_at is null;

-- Who is in a conversation between contacts.
create table contact_participants (
  conversation_id uuid not null references conversations (id),
  contact_id uuid not null references contacts (id),
  place smallint not null,
  message_count bigint not null default 0,
  joined_at timestamptz not null,
  primary key (conversation_id, contact_id)
);
comment on column contact_participants.place is 'Their place in the list, as it was given: from 0.';
comment on column contact_participants.message_count is 'Messages that the contact sent there, as far as the activity reader has come.';
create index contact_participants_contact on contact_participants (contact_id, conversation_id);

alter table messages add column metadata json;
comment on column messages.metadata is 'What the sender keeps with the message: a JSON object, as it was given; null for none.';
-- Whoever sends for contacts has one set of names for all of them.
create unique index messages_contact_client_id_key on messages (workspace_id, client_id)
  where author_kind = 'contact' and client_id is not null;
create index messages_of_contact on messages (author_id, created_at desc, id desc) where author_kind = 'contact';
create index messages_between_contacts on messages (conversation_id, created_at, id) where author_kind = 'contact';

-- Lists that are ordered by activity, made from the event log: see core/activity. The order is the log's own.
create table activities (
  kind text not null,
  owner_id uuid not null,
  item_id uuid not null,
  position bigint not null,
  active_at timestamptz not null,
  primary key (kind, owner_id, item_id)
) with (fillfactor = 80);
comment on column activities.kind is 'Which list of the owner''s it stands in.';
comment on column activities.position is 'Where the log tells of its latest activity.';
create unique index activities_order on activities (kind, owner_id, position desc, item_id);

-- Where items stood before they moved, while somebody pages a list.
create table activity_moves (
  kind text not null,
  owner_id uuid not null,
  item_id uuid not null,
  position bigint not null,
  active_at timestamptz not null,
  moved_at bigint not null,
  primary key (kind, owner_id, position, item_id)
);
comment on column activity_moves.moved_at is 'How far the activity reader had come when it moved.';

create table list_counts (
  kind text not null,
  owner_id uuid not null,
  count bigint not null,
  primary key (kind, owner_id)
) with (fillfactor = 80);

-- Walks through lists: at which item a page ended, and as of when the list is paged. Lost with a crash, as it may be.
create unlogged table list_walks (
  kind text not null,
  owner_id uuid not null,
  is_backward boolean not null,
  item_id uuid not null,
  position bigint not null,
  as_of bigint not null,
  expires_at timestamptz not null,
  primary key (kind, owner_id, is_backward, item_id)
);
create index list_walks_expiry on list_walks (expires_at);

insert into log_readers (name, position) select 'activity', coalesce(max(position), 0) from events;
