/** A store is moved from SQLite into PostgreSQL and back, by the commands as an operator gives them. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  caseFor,
  contractFor,
  dump,
  openGroup,
  people,
  post,
  profile,
  proposalFor,
  proposed,
  ringing,
  sendMessage,
  tick,
  unique,
} from '../../../test/contracts/store/fixtures.ts';
import { type PostgresServer, startPostgres } from '../../../test/support/engines/postgres.ts';
import { MIGRATIONS } from '../postgres/schema.ts';
import { openPostgresStore } from '../postgres-store.ts';
import { openSqliteStore } from '../sqlite-store.ts';
import type { Store } from '../store.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));

let server: PostgresServer;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'parley-transfer-'));
});
afterAll(async () => {
  await server.dispose();
  await rm(folder, { recursive: true });
});

let files = 0;
const newPath = (): string => join(folder, `${++files}`);

const parley = (args: readonly string[], env: Record<string, string>) =>
  promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
  });

/** Something of every kind, with an inbox that has let entries go. */
const fill = async (store: Store): Promise<string[]> => {
  const [owner, member, left] = (await people(store, 3)) as [string, string, string];
  const { proposalId, clientId, freelancerId, jobId } = await proposed(store);
  const sent = await sendMessage(store, proposalId, clientId, 'Line one\u2028line two, "quoted" \\ and \u{1f600}.');
  await store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status: 'hired', bid: null }), tick());
  await openGroup(store, [owner, clientId, freelancerId], 'group', sent.result.threadId);
  const contract = contractFor(clientId, freelancerId, { proposalId, status: 'active' });
  const contractId = unique('contract');
  await store.putContract(contractId, contract, tick());
  const opened = { threadId: randomUUID(), senderId: freelancerId, clientMessageId: randomUUID(), body: 'To work.', at: tick() };
  await store.openContractThread({ ...opened, contractId });
  await store.putContract(contractId, { ...contract, status: 'ended', version: 2 }, tick());
  await store.putProposal(unique('proposal'), proposalFor(jobId, freelancerId, { managerId: owner }), tick());
  const threadId = await openGroup(store, [owner, member, left]);
  await store.markThread({ threadId, userId: owner, favourite: true, hidden: true, at: tick() });
  await store.markThread({ threadId, userId: member, archived: true, at: tick() });
  const edited = await post(store, threadId, owner, 'Before.');
  await store.editMessage({ threadId, offset: edited.offset, actorId: owner, body: 'After.', at: tick() });
  const deleted = await post(store, threadId, member);
  await store.deleteMessage({ threadId, offset: deleted.offset, actorId: member, at: tick() });
  for (let count = 0; count < 30; count += 1) await post(store, threadId, owner);
  await store.changeInterview({ interview: ringing(threadId, owner, [member]), actorId: owner, at: tick() });
  await store.moveCursor({ threadId, userId: member, readOffset: 9, at: tick() });
  await store.removeMember({ threadId, actorId: left, userId: left, at: tick() });
  await store.putUser(profile(owner, { headline: 'Cartographer', timeZone: 'Europe/Lisbon' }), tick());
  await store.setLastSeen(owner, tick());
  const { case: reported } = await store.openCase(caseFor(member, { threadId, openedBy: owner, kind: 'report' }));
  await store.decideCase({ caseId: reported.caseId, moderatorId: 'mo', outcome: 'granted', reason: 'So it is.', at: tick() });
  await store.setBlock({ userId: owner, otherId: left, blocked: true, at: tick() });
  await store.putUser(profile(member), tick(), 1_234);
  return [owner, member, left, clientId, freelancerId];
};

/** What moderation keeps: seals as text, so that they are compared by what is in them. */
const moderationOf = async (store: Store, userIds: readonly string[]) => {
  const { cases } = await store.cases({ list: 'decided', limit: 10 });
  const stored = await Promise.all(cases.map(({ caseId }) => store.caseOf(caseId)));
  return {
    cases: stored.map((one) => ({ ...one, seal: Buffer.from(one!.seal!).toString('hex') })),
    blocks: await Promise.all(userIds.map((userId) => store.blocksOf(userId))),
    ages: await Promise.all(userIds.map((userId) => store.accountCreatedAt(userId))),
    audit: await store.auditEntries({ after: 0, limit: 100 }),
  };
};
const takeAll = async (store: Store) =>
  (await store.takeDue({ address: 'the-receiver', now: tick() + 1_000, leaseMs: 60_000, limit: 100 })).deliveries;

const LIMITS = { inboxKeep: 20, replayLimit: 1_000 };

describe('moving a store', () => {
  it('[ST97][SR8][MK7][WH16][OP20][OP21][OP22] from SQLite into PostgreSQL and back: everybody sees the same, and a position from before replays what was missed', async () => {
    const dataDir = newPath();
    const outbox = ['thread.opened', 'proposal.changed'];
    const sqlite = await openSqliteStore({ path: join(dataDir, 'parley.sqlite'), ...LIMITS, outbox });
    const userIds = await fill(sqlite);
    // One told, one given up, one on its way, the others waiting.
    const told = await takeAll(sqlite);
    await sqlite.settleDelivery({ ...told[0]!, outcome: { status: 'delivered' } });
    await sqlite.settleDelivery({ ...told[1]!, outcome: { status: 'dead', error: 'given up' } });
    const deliveries = await sqlite.deliveries({ after: 0, limit: 100 });
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(['due', 'delivered', 'dead']));
    const [owner, member] = userIds as [string, string];
    const { epoch } = sqlite;
    const positions = await sqlite.heads(userIds);
    const behind = { epoch, position: positions.get(member)! - 4 };
    const missed = await sqlite.since(member, behind);
    const before = await dump(sqlite, userIds);
    const moderation = await moderationOf(sqlite, userIds);
    await sqlite.close();

    const file = newPath();
    const exported = await parley(['export', '--to', file], { PARLEY_DATA_DIR: dataDir });
    expect(exported.stdout).toMatch(/^\d+ rows of .*parley\.sqlite are in /);
    expect(exported.stderr).toContain('messages: 34');

    const url = await server.createDatabase();
    const env = { DATABASE_URL: url };
    expect((await parley(['migrate'], env)).stdout).toContain(`went from version 0 to ${MIGRATIONS.length}.`);
    expect((await parley(['migrate'], env)).stdout).toContain('nothing was to do.');
    expect((await parley(['import', '--from', file, '--keep-epoch'], env)).stdout).toContain('clients go on where they were');

    const postgres = await openPostgresStore({ url, ...LIMITS });
    expect(postgres.epoch).toBe(epoch);
    expect(await dump(postgres, userIds)).toEqual(before);
    expect(await moderationOf(postgres, userIds)).toEqual(moderation);
    expect((await parley(['audit', 'verify'], env)).stdout).toContain('3 entries hold together');
    expect(await postgres.deliveries({ after: 0, limit: 100 })).toEqual(deliveries);
    // The one after that which was told; then what is new comes behind all of it.
    const [next, ...others] = await takeAll(postgres);
    expect(next).toMatchObject({ deliveryId: deliveries.find(({ status }) => status === 'due')!.deliveryId });
    expect(await postgres.since(member, behind)).toEqual(missed);
    const { threads } = await postgres.threads(owner, { limit: 1 });
    const news = await post(postgres, threads[0]!.threadId, owner, 'In the new store.');
    const recovery = await postgres.since(member, { epoch, position: positions.get(member)! });
    expect(recovery).toMatchObject({ recovered: true, entries: [{ event: { type: 'message.posted', message: news } }] });
    for (const due of [next!, ...others]) await postgres.settleDelivery({ ...due, outcome: { status: 'returned', at: 1 } });
    await people(postgres, 2);
    const after = await dump(postgres, userIds);
    const deliveriesAfter = await postgres.deliveries({ after: 0, limit: 100 });
    await postgres.close();

    const [back, dataDirBack] = [newPath(), newPath()];
    await parley(['export', '--to', back], env);
    await parley(['import', '--from', back, '--keep-epoch'], { PARLEY_DATA_DIR: dataDirBack });
    const again = await openSqliteStore({ path: join(dataDirBack, 'parley.sqlite'), ...LIMITS });
    expect(await dump(again, userIds)).toEqual(after);
    expect(await again.deliveries({ after: 0, limit: 100 })).toEqual(deliveriesAfter);
    await post(again, threads[0]!.threadId, member);
    await again.close();
  });

  it('[ST97] unless told otherwise the imported store begins a new epoch, and old positions get a snapshot', async () => {
    const dataDir = newPath();
    const store = await openSqliteStore({ path: join(dataDir, 'parley.sqlite') });
    const [owner] = await fill(store);
    const { epoch } = store;
    await store.close();
    const [file, copy] = [newPath(), newPath()];
    await parley(['export', '--to', file], { PARLEY_DATA_DIR: dataDir });
    const { stdout } = await parley(['import', '--from', file], { PARLEY_DATA_DIR: copy });
    expect(stdout).toContain('under a new epoch');
    const copied = await openSqliteStore({ path: join(copy, 'parley.sqlite') });
    expect(copied.epoch).not.toBe(epoch);
    expect((await copied.since(owner!, { epoch, position: 1 })).recovered).toBe(false);
    await copied.close();
  });
});

describe('what is refused', () => {
  it('[ST98] a file that is cut off, garbled, changed or foreign, by its line; a store with data; a file that exists', async () => {
    const dataDir = newPath();
    const store = await openSqliteStore({ path: join(dataDir, 'parley.sqlite') });
    await fill(store);
    await store.close();
    const file = newPath();
    const source = { PARLEY_DATA_DIR: dataDir };
    await parley(['export', '--to', file], source);
    const whole = await readFile(file, 'utf8');
    const lines = whole.trimEnd().split('\n');

    const url = await server.createDatabase();
    const targets = [{ DATABASE_URL: url }, { PARLEY_DATA_DIR: newPath() }];
    const refuse = async (content: string, problem: RegExp): Promise<void> => {
      const broken = newPath();
      await writeFile(broken, content);
      for (const target of targets) {
        await expect(parley(['import', '--from', broken], target)).rejects.toMatchObject({
          code: 2,
          stderr: expect.stringMatching(problem),
        });
      }
    };
    await refuse(`${lines.slice(0, 20).join('\n')}\n`, /Line 21: the file ends before its last line/);
    await refuse(`${lines.slice(0, 20).join('\n')}\n${lines[20]!.slice(0, 9)}`, /Line 21: this is not JSON/);
    await refuse(whole.replace('After.', 'Forged.'), new RegExp(`Line ${lines.length}: the hash does not fit`));
    await refuse(whole.replace('"offset":3,', '"offset":"3",'), /Line \d+: offset: /);
    await refuse('{"users":[]}\n', /Line 1: this is not the export of a Parley store/);
    await refuse(`${lines[0]!.replace('"version":4', '"version":9')}\n`, /Line 1: the file is of version 9/);

    // Nothing of them is there, so that the whole one goes in.
    for (const target of targets) {
      await parley(['import', '--from', file], target);
      await expect(parley(['import', '--from', file], target)).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('The store has data already'),
      });
    }
    await expect(parley(['export', '--to', file], source)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exists'),
    });
    await expect(parley(['export'], source)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--to FILE') });
  });
});
