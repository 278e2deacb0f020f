-- People outside, reached over SMS, WhatsApp and email: their addresses, one conversation for each person, what is
-- carried to them, what comes from them, and what they do not want.

alter table contacts add column username text;
alter table contacts add column title text;
alter table contacts add column avatar_url text;
alter table contacts add column owner_user_id uuid references users (id);
alter table contacts add column tags text[] not null default '{}';
alter table contacts add column is_dnd boolean not null default false;
comment on column contacts.owner_user_id is 'The member of the workspace who looks after the contact.';
comment on column contacts.is_dnd is 'Nothing is sent to the contact, over no transport.';

create table contact_followers (
  contact_id uuid not null references contacts (id),
  user_id uuid not null references users (id),
  created_at timestamptz not null,
  primary key (contact_id, user_id)
);

alter table addresses add column shown text;
alter table addresses add column is_primary boolean not null default false;
comment on column addresses.value is 'In its one spelling: an email in lower case, a phone number in E.164.';
comment on column addresses.shown is 'As it was given, where that differs; an email''s local part may matter to its server.';
update addresses a set is_primary = true
where deleted_at is null and not exists (
  select from addresses o where o.contact_id = a.contact_id and o.kind = a.kind and o.deleted_at is null and o.id < a.id
);
create unique index addresses_primary_key on addresses (contact_id, kind) where is_primary and deleted_at is null;

-- A text without case, accents and differences of width. That form in ASCII letters, two for each other character,
-- is for trigrams: in the locale C pg_trgm knows no others. What is found by it may be another text, so it is compared again.
create function fold_text(given text) returns text language sql immutable strict parallel safe return
  case when octet_length(given) = char_length(given) then lower(given)
    else lower(regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g')) end;
create function trigram_text(given text) returns text language sql immutable strict parallel safe return
  case when octet_length(given) = char_length(given) then lower(given) else (
    select string_agg(case when ascii(c) < 128 then c
      else chr(97 + ascii(c) % 26) || chr(97 + (ascii(c) / 26 + ascii(c) * 5) % 26) end, '' order by i)
    from string_to_table(fold_text(given), null) with ordinality as t (c, i)
  ) end;
create index contacts_search on contacts using gin (trigram_text(name) gin_trgm_ops) where deleted_at is null;
create index addresses_search on addresses using gin (value gin_trgm_ops) where deleted_at is null;

-- Where the workspace itself is reached, and from where it sends.
create table senders (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id),
  transport text not null check (transport in ('sms', 'whatsapp', 'email')),
  address text not null,
  name text,
  carrier text not null,
  is_default boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
comment on column senders.address is 'E.164, or an email in lower case.';
comment on column senders.name is 'What people see beside an email address.';
comment on column senders.carrier is 'Who carries for it: twilio, sendgrid, smtp, sandbox.';
create unique index senders_address_key on senders (transport, address) where deleted_at is null;
create unique index senders_default_key on senders (workspace_id, transport) where is_default and deleted_at is null;

-- One for each contact that was ever written to or heard from: beside its row in conversations.
create table contact_conversations (
  conversation_id uuid primary key references conversations (id),
  workspace_id uuid not null,
  contact_id uuid not null references contacts (id),
  transport text not null check (transport in ('sms', 'whatsapp', 'email')),
  active_at timestamptz not null,
  inbound_ordinal bigint not null default 0,
  is_starred boolean not null default false,
  read_ordinal bigint not null default 0,
  kept_unread integer not null default 0,
  deleted_at timestamptz
) with (fillfactor = 80);
comment on column contact_conversations.transport is 'The one used last; before the first message the one that it was opened for.';
comment on column contact_conversations.active_at is 'When the newest message was sent, or the conversation was opened.';
comment on column contact_conversations.inbound_ordinal is 'The ordinal of the newest message that the contact wrote; 0 for none.';
comment on column contact_conversations.read_ordinal is 'The ordinal up to which the team has read.';
comment on column contact_conversations.kept_unread is 'Counts as unread beside what came after the read ordinal, since somebody said so.';
create unique index contact_conversations_contact_key on contact_conversations (contact_id) where deleted_at is null;
create index contact_conversations_active on contact_conversations (workspace_id, active_at, conversation_id)
  include (transport) where deleted_at is null;
create index contact_conversations_starred on contact_conversations (workspace_id, active_at, conversation_id)
  include (transport) where is_starred and deleted_at is null;
create index contact_conversations_unread on contact_conversations (workspace_id, active_at, conversation_id)
  include (transport) where (inbound_ordinal > read_ordinal or kept_unread > 0) and deleted_at is null;

-- An address of ours beside one of the contact's, over one transport.
create table legs (
  conversation_id uuid not null references conversations (id),
  sender_id uuid not null references senders (id),
  address text not null,
  last_inbound_at timestamptz,
  created_at timestamptz not null,
  primary key (conversation_id, sender_id, address)
);
comment on column legs.last_inbound_at is 'When the person last wrote there: a service window counts from it.';

-- The carrying of one message to one address; also the queue of what is to be carried. No foreign keys: the writer
-- of messages inserts them, with ids that the operation has checked.
create table deliveries (
  id uuid primary key,
  message_id uuid not null,
  conversation_id uuid not null,
  ordinal bigint not null,
  workspace_id uuid not null,
  sender_id uuid not null,
  transport text not null,
  carrier text not null,
  to_address text not null,
  email jsonb,
  status text not null default 'queued'
    check (status in ('queued', 'sending', 'unknown', 'sent', 'delivered', 'read', 'failed', 'cancelled')),
  due_at timestamptz not null,
  attempt_count integer not null default 0,
  claimed_by uuid,
  claimed_at timestamptz,
  carrier_id text,
  carrier_status text,
  error_code text,
  error_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);
comment on column deliveries.ordinal is 'That of its message: what is due at one moment goes in this order.';
comment on column deliveries.email is 'What an email has beside its text: subject, copies, the ids of its thread.';
comment on column deliveries.due_at is 'Queued: not handed over before then. Sending: when it must have ended. Unknown: when the carrier is asked.';
comment on column deliveries.claimed_by is 'The node that hands it over, or did last.';
comment on column deliveries.carrier_id is 'The carrier''s own id, once it was accepted.';
comment on column deliveries.carrier_status is 'The state in the carrier''s own word.';
comment on column deliveries.error_reason is 'A plain sentence that says what went wrong and what to do.';
create unique index deliveries_message_key on deliveries (message_id);
create unique index deliveries_carrier_id_key on deliveries (carrier, carrier_id) where carrier_id is not null;
create index deliveries_due on deliveries (sender_id, due_at, ordinal, id) where status = 'queued';
create index deliveries_sending on deliveries (sender_id, to_address) where status = 'sending';
create index deliveries_doubtful on deliveries (due_at) where status in ('sending', 'unknown');

-- All that was ever heard of a delivery, in the order in which it was heard.
create table delivery_steps (
  delivery_id uuid not null,
  number integer not null,
  status text not null,
  source text not null check (source in ('attempt', 'report', 'inquiry', 'system')),
  carrier_status text,
  code text,
  reason text,
  report_key text,
  occurred_at timestamptz not null,
  primary key (delivery_id, number)
);
comment on column delivery_steps.source is 'An attempt to hand it over, a report of the carrier, our asking it, or we ourselves.';
comment on column delivery_steps.report_key is 'Names the report among those of its delivery, so that a repeat is known.';
create unique index delivery_steps_report_key on delivery_steps (delivery_id, report_key) where report_key is not null;

-- What is too large for a message, of an email that came in: as it was written, never shown as it is.
create table email_bodies (
  message_id uuid primary key,
  html text not null
);

-- What came from outside was uploaded by nobody here.
alter table files alter column uploader_user_id drop not null;

-- What carriers told us, as it came: stored before it is answered, applied after.
create table inbound_webhooks (
  id uuid primary key,
  kind text not null,
  key text not null,
  url text not null,
  headers json not null,
  body bytea not null,
  status text not null default 'pending' check (status in ('pending', 'applied', 'ignored', 'failed')),
  attempt_count integer not null default 0,
  due_at timestamptz not null,
  error text,
  received_at timestamptz not null,
  applied_at timestamptz
);
comment on column inbound_webhooks.kind is 'Whose, and about what: twilio.message, twilio.status, sendgrid.events, sendgrid.inbound.';
comment on column inbound_webhooks.key is 'What names it at its carrier, or a hash of its bytes: a repeat is stored once.';
comment on column inbound_webhooks.status is 'ignored: understood, and nothing of ours; failed: tried again and again in vain.';
create unique index inbound_webhooks_key on inbound_webhooks (kind, key);
create index inbound_webhooks_due on inbound_webhooks (due_at, id) where status = 'pending';
create index inbound_webhooks_ended on inbound_webhooks (status, received_at) where status <> 'pending';

-- Who did not want to hear from us any more, or again did: never changed, only added to.
create table consents (
  id uuid primary key,
  workspace_id uuid not null,
  contact_id uuid not null references contacts (id),
  transport text not null,
  address text not null,
  is_opted_out boolean not null,
  source text not null check (source in ('keyword', 'carrier', 'member', 'import')),
  evidence text,
  message_id uuid,
  actor_user_id uuid,
  created_at timestamptz not null
);
comment on column consents.evidence is 'The word that was written, or what the carrier said.';
create index consents_newest on consents (workspace_id, transport, address, id desc);
create index consents_contact on consents (contact_id, id desc);
