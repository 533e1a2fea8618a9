/**
 * The file that a store is moved by, one JSON value a line:
 *
 *     {"parley":"store","version":4,"epoch":"…"}          the first line
 *     ["messages",{"thread":1,"offset":2,…}]              a row, table by table in the order of TABLES, by key within a table
 *     {"end":{"rows":2,"sha256":"…"}}                     the last: rows, and the hash of all that came before it
 *
 * Numbers of users and threads are the store's own and mean something within one file only.
 */
import { z } from 'zod';

export const FORMAT_VERSION = 4;

export type Kind = 'integer' | 'text' | 'boolean' | 'json' | 'bytes';

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly isNullable: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The names of its primary key. */
  readonly key: readonly string[];
}

/** Bytes are hexadecimal text. */
export type Cell = string | number | boolean | object | null;
export type Row = Readonly<Record<string, Cell>>;

const KINDS: Readonly<Record<string, Kind>> = { t: 'text', b: 'boolean', j: 'json', x: 'bytes' };

/** `name`, `name:t` and so on for what is no integer, `?` for what may be null; `*` before those of the key. */
const table = (name: string, text: string): Table => {
  const parsed = text.split(' ').map((word) => {
    const [, key, column, kind, nullable] = /^(\*?)(\w+)(?::(\w))?(\?)?$/.exec(word)!;
    return { isKey: key === '*', name: column!, kind: KINDS[kind ?? ''] ?? 'integer', isNullable: nullable === '?' };
  });
  return {
    name,
    key: parsed.filter(({ isKey }) => isKey).map((column) => column.name),
    columns: parsed.map(({ isKey: _, ...column }) => column),
  };
};

/** In an order in which each refers to those before it. */
export const TABLES: readonly Table[] = [
  table(
    'users',
    '*user user_id:t display_name:t headline:t avatar_url:t? time_zone:t? changed_at created_at? country:t? kind:t?',
  ),
  table('last_seen', '*user_id:t at'),
  table('jobs', '*job job_id:t client title:t description:t'),
  table(
    'threads',
    '*thread thread_id:t thread_key:t? kind:t title:t proposal:j? contracts:j beside? head last_message? opened_at',
  ),
  table(
    'proposals',
    '*proposal proposal_id:t job client freelancer status:t cover_letter:t bid:j? submitted_at thread? manager? listed_at?',
  ),
  table('contracts', '*contract_id:t proposal? thread? contract:j'),
  table(
    'members',
    '*thread *user ordinal role:t joined_at read_offset unread active_at thread_id:t cursor_unread? cursor_at? archived:b favourite:b hidden:b marks_version marks_at?',
  ),
  table(
    'messages',
    '*thread *offset sender client_message_id:t posted_at edited_at? deleted_at? original_hash:x? body:t masked:j? seal:x?',
  ),
  table('amendments', '*thread *offset type:t at message'),
  table('events', '*thread *offset type:t at actor? payload:j'),
  table('releases', '*thread'),
  table('exceptions', '*scope:t *id:t granted:j'),
  table('interviews', '*interview_id:t thread active:b interview:j'),
  table('inbox', '*user *position thread? offset? about?'),
  table('inboxes', '*user head floor'),
  table(
    'cases',
    '*case_id:t key:t kind:t subject_id:t thread_id:t? proposal_id:t? list:t listed_at effect:t? effect_at? seal:x? record:j',
  ),
  table('blocks', '*blocker *blocked at'),
  table('audit', '*seq at actor:t? action:t subject:t details:t previous_hash:t hash:t'),
  table('announcements', '*announcement announcement_id:t starts_at ends_at content:j'),
  table('dismissals', '*user *announcement at'),
  table('help_votes', '*user *note_id:t helpful:b at'),
  table('help_counts', '*note_id:t helpful unhelpful'),
  table('outbox', '*delivery thread offset type:t at status:t attempts due_at error:t? leads:b'),
];

export const Header = z.strictObject({ parley: z.literal('store'), version: z.int(), epoch: z.string().min(1).max(64) });
export const Footer = z.strictObject({ end: z.strictObject({ rows: z.int(), sha256: z.string() }) });

const SCHEMAS: Readonly<Record<Kind, z.ZodType<Cell>>> = {
  integer: z.int(),
  text: z.string(),
  boolean: z.boolean(),
  json: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]),
  bytes: z.string().regex(/^([0-9a-f]{2})*$/),
};

export const rowSchema = ({ columns }: Table): z.ZodType<Row> =>
  z.strictObject(
    Object.fromEntries(
      columns.map(({ name, kind, isNullable }) => [name, isNullable ? SCHEMAS[kind].nullable() : SCHEMAS[kind]]),
    ),
  );

/** The next rows of a table by its key; `mark` names the parameters of the database, from 1. */
export const pageQuery = (
  { name, columns, key }: Table,
  isFirst: boolean,
  mark: (index: number) => string,
  from = name,
): string => {
  const keys = key.map(quoted).join(', ');
  const after = isFirst ? '' : `WHERE (${keys}) > (${key.map((_, index) => mark(index + 1)).join(', ')})`;
  const limit = mark(isFirst ? 1 : key.length + 1);
  return `SELECT ${columns.map((column) => quoted(column.name)).join(', ')} FROM ${from} ${after} ORDER BY ${keys} LIMIT ${limit}`;
};

export const quoted = (name: string): string => `"${name}"`;

/** What is wrong with a file or a store, for the person who moves it. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** Rows read or written at a time. */
export const BATCH = 1_000;

/** A store as one end of a transfer: all reads are of one instant, all writes one transaction. */
export interface End {
  readonly epoch: string;
  isEmpty(): Promise<boolean>;
  /** The rows of a table in batches, by key. */
  rows(table: Table): AsyncIterable<Row[]>;
  insert(table: Table, rows: readonly Row[]): Promise<void>;
  /** Keeps what was inserted, under this epoch. */
  commit(epoch: string): Promise<void>;
  /** Lets go of the store; what was not committed is gone. */
  close(): Promise<void>;
}
