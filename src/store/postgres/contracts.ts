/** Contracts, as the host platform tells them: in the thread of their proposal, and in one of their own. */
import {
  type Contract,
  type ContractState,
  contractStateOf,
  type Message,
  type PutContract,
  type ThreadId,
  withContract,
} from '../../../protocol/index.ts';
import {
  nextContract,
  noSuchContract,
  noSuchProposal,
  pageFrom,
  requireContractRoom,
  requireOtherParties,
  requireSameParties,
} from '../rules.ts';
import type { Delivery, HostList, HostListPage, NewMessage, Written } from '../store.ts';
import type { Database, Queryable } from './database.ts';
import { appendEvent } from './events.ts';
import { subjectOf } from './members.ts';
import { postWith } from './messages.ts';
import { insertThread } from './open-threads.ts';
import { lockProposal, moveProposal } from './proposals.ts';
import { lockUsers } from './users.ts';

interface StoredContract {
  readonly contract: Contract;
  /** Of its own. */
  readonly thread: number | null;
  readonly threadId: ThreadId | null;
}

const SELECT = `SELECT c.contract, c.thread, t.thread_id AS "threadId"
  FROM contracts c LEFT JOIN threads t ON t.thread = c.thread WHERE c.contract_id = $1`;

/** Nobody else changes the contract, or opens its thread, until the commit; nor makes it, when it is not there. */
const lockContract = async (tx: Queryable, contractId: string): Promise<StoredContract | undefined> => {
  await tx.get("SELECT pg_advisory_xact_lock(hashtextextended('contract:' || $1, 0))", contractId);
  return tx.get<StoredContract>(SELECT, contractId);
};

export const contract = async (db: Database, contractId: string): Promise<Contract | undefined> =>
  (await db.get<StoredContract>(SELECT, contractId))?.contract;

/** The thread of a contract's own, once it is open. */
export const contractThread = async (db: Database, contractId: string): Promise<ThreadId | null> =>
  (await db.get<StoredContract>(SELECT, contractId))?.threadId ?? null;

export const listContracts = async (db: Database, { after = '', limit }: HostListPage): Promise<HostList<Contract>> => {
  const rows = await db.all<{ contract: Contract }>(
    'SELECT contract FROM contracts WHERE contract_id > $1 ORDER BY contract_id LIMIT $2',
    after,
    limit + 1,
  );
  return pageFrom(
    rows.map((row) => row.contract),
    limit,
  );
};

export const contractsOfProposal = async (db: Queryable, proposal: number): Promise<Contract[]> => {
  const rows = await db.all<{ contract: Contract }>(
    'SELECT contract FROM contracts WHERE proposal = $1 ORDER BY contract_id',
    proposal,
  );
  return rows.map((row) => row.contract);
};

export const contractState = async (db: Database, threadId: ThreadId): Promise<ContractState> => {
  const row = await db.get<{ contracts: Contract[] }>('SELECT contracts FROM threads WHERE thread_id = $1', threadId);
  return contractStateOf(row?.contracts ?? []);
};

export const putContract = (
  db: Database,
  contractId: string,
  put: PutContract,
  at: number,
): Promise<Written<{ contract: Contract; created: boolean; applied: boolean }>> =>
  db.transaction(async (tx) => {
    requireOtherParties(put.clientId, put.freelancerId);
    const proposal = put.proposalId === null ? undefined : await lockProposal(tx, put.proposalId);
    const stored = await lockContract(tx, contractId);
    const next = nextContract(stored?.contract, contractId, put, at);
    if (next === undefined) return { result: { contract: stored!.contract, created: false, applied: false }, deliveries: [] };
    await lockUsers(tx, [put.clientId, put.freelancerId]);
    if (put.proposalId !== null) {
      if (proposal === undefined) throw noSuchProposal(put.proposalId);
      requireSameParties(proposal.proposal, put);
      requireContractRoom(await contractsOfProposal(tx, proposal.row), next);
    }
    await tx.all(
      `INSERT INTO contracts (contract_id, proposal, contract) VALUES ($1, $2, $3)
       ON CONFLICT (contract_id) DO UPDATE SET contract = excluded.contract`,
      contractId,
      proposal?.row ?? null,
      JSON.stringify(next),
    );
    const own = [proposal?.thread, stored?.thread].filter((thread) => thread !== undefined && thread !== null);
    // All of them before the first inbox, so that whoever posts into one does not wait in a circle. No group begins to follow what is locked.
    await lockThreads(tx, own);
    const rows = await tx.all<{ thread: number }>('SELECT t.thread FROM threads t WHERE t.beside = ANY ($1::integer[])', own);
    const groups = rows.map(({ thread }) => thread).sort((a, b) => a - b);
    await lockThreads(tx, groups);
    const threads = [...own, ...groups];
    const options = { at, inboxKeep: db.settings.inboxKeep };
    const deliveries: Delivery[] = [];
    for (const thread of threads) deliveries.push(await tellThread(tx, thread, next, options));
    const begins = next.startedAt !== null && (stored?.contract.startedAt ?? null) === null;
    if (begins && proposal !== undefined && proposal.proposal.status !== 'hired') {
      deliveries.push(...(await moveProposal(tx, proposal, 'hired', options)));
    }
    return { result: { contract: next, created: stored === undefined, applied: true }, deliveries };
  });

const lockThreads = (tx: Queryable, threads: readonly number[]) =>
  tx.all('SELECT 1 FROM threads t WHERE t.thread = ANY ($1::integer[]) ORDER BY t.thread FOR NO KEY UPDATE', threads);

/** Says the new state in a thread, on behalf of the host platform. */
const tellThread = async (
  tx: Queryable,
  thread: number,
  changed: Contract,
  { at, inboxKeep }: { at: number; inboxKeep: number },
): Promise<Delivery> => {
  const contracts = withContract((await subjectOf(tx, thread)).contracts, changed);
  const { head, threadId } = (await tx.get<{ head: number; threadId: string }>(
    'UPDATE threads t SET contracts = $2 WHERE t.thread = $1 RETURNING t.head, t.thread_id AS "threadId"',
    thread,
    JSON.stringify(contracts),
  ))!;
  await tx.get('SELECT make_due_if_begun($1)', thread);
  const event = { type: 'contract.changed', threadId, offset: head + 1, at, actorId: null, contract: changed } as const;
  return appendEvent(tx, { thread, actor: null, event, inboxKeep });
};

export const openContractThread = (
  db: Database,
  open: NewMessage & { contractId: string; threadId: ThreadId },
): Promise<Written<{ threadId: ThreadId; opened: boolean; message: Message; contract: Contract }>> =>
  db.transaction(async (tx) => {
    const stored = await lockContract(tx, open.contractId);
    if (stored === undefined) throw noSuchContract(open.contractId);
    const { contract } = stored;
    if (stored.threadId !== null) {
      const { result, deliveries } = await postWith(tx, db, { ...open, threadId: stored.threadId });
      return { result: { threadId: stored.threadId, opened: false, message: result.message, contract }, deliveries };
    }
    const { threadId, at } = open;
    const { thread, delivery } = await insertThread(tx, db, {
      threadId,
      threadKey: null,
      kind: 'contract',
      title: contract.title,
      proposal: null,
      contracts: [contract],
      members: [
        { userId: contract.clientId, role: 'owner' },
        { userId: contract.freelancerId, role: 'member' },
      ],
      openerId: contract.clientId,
      at,
    });
    await tx.all('UPDATE contracts SET thread = $2 WHERE contract_id = $1', contract.contractId, thread);
    const posted = await postWith(tx, db, open);
    return {
      result: { threadId, opened: true, message: posted.result.message, contract },
      deliveries: [delivery, ...posted.deliveries],
    };
  });
