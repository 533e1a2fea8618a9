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
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { membership, subjectOf } from './members.ts';
import { insertThread } from './open-threads.ts';
import { moveProposal, type StoredProposal, storedProposal } from './proposals.ts';
import { makeDueIfBegun } from './releases.ts';
import { userNumbers } from './users.ts';
import { postAs } from './write-messages.ts';

interface StoredContract {
  readonly contract: Contract;
  /** Of its own. */
  readonly thread: number | null;
  readonly threadId: ThreadId | null;
}

const storedContract = (db: Database, contractId: string): StoredContract | undefined => {
  const row = db.get<Omit<StoredContract, 'contract'> & { contract: string }>(
    `SELECT contracts.contract, contracts.thread, thread.thread_id AS threadId
     FROM contracts LEFT JOIN threads thread USING (thread) WHERE contract_id = ?`,
    contractId,
  );
  return row && { ...row, contract: JSON.parse(row.contract) as Contract };
};

export const contract = (db: Database, contractId: string): Contract | undefined => storedContract(db, contractId)?.contract;

/** The thread of a contract's own, once it is open. */
export const contractThread = (db: Database, contractId: string): ThreadId | null =>
  storedContract(db, contractId)?.threadId ?? null;

export const listContracts = (db: Database, { after = '', limit }: HostListPage): HostList<Contract> =>
  pageFrom(
    db
      .all<{ contract: string }>(
        'SELECT contract FROM contracts WHERE contract_id > ? ORDER BY contract_id LIMIT ?',
        after,
        limit + 1,
      )
      .map((row) => JSON.parse(row.contract) as Contract),
    limit,
  );

export const contractsOfProposal = (db: Database, proposal: number): Contract[] =>
  db
    .all<{ contract: string }>('SELECT contract FROM contracts WHERE proposal = ? ORDER BY contract_id', proposal)
    .map((row) => JSON.parse(row.contract) as Contract);

export const contractState = (db: Database, threadId: ThreadId): ContractState => {
  const row = db.get<{ contracts: string }>('SELECT contracts FROM threads WHERE thread_id = ?', threadId);
  return row === undefined ? 'before' : contractStateOf(JSON.parse(row.contracts) as Contract[]);
};

export const putContract = (
  db: Database,
  contractId: string,
  put: PutContract,
  at: number,
): Written<{ contract: Contract; created: boolean; applied: boolean }> => {
  const stored = storedContract(db, contractId);
  const next = nextContract(stored?.contract, contractId, put, at);
  if (next === undefined) return { result: { contract: stored!.contract, created: false, applied: false }, deliveries: [] };
  requireOtherParties(put.clientId, put.freelancerId);
  userNumbers(db, [put.clientId, put.freelancerId]);
  const proposal = put.proposalId === null ? undefined : existing(db, put.proposalId);
  if (proposal !== undefined) {
    requireSameParties(proposal.proposal, put);
    requireContractRoom(contractsOfProposal(db, proposal.row), next);
  }
  db.run(
    `INSERT INTO contracts (contract_id, proposal, contract) VALUES (?, ?, ?)
     ON CONFLICT (contract_id) DO UPDATE SET contract = excluded.contract`,
    contractId,
    proposal?.row ?? null,
    JSON.stringify(next),
  );
  const own = [proposal?.thread, stored?.thread].filter((thread) => thread !== undefined && thread !== null);
  const threads = [...own, ...own.flatMap((thread) => groupsBeside(db, thread))];
  const begins = next.startedAt !== null && (stored?.contract.startedAt ?? null) === null;
  return {
    result: { contract: next, created: stored === undefined, applied: true },
    deliveries: [
      ...threads.map((thread) => tellThread(db, thread, next, at)),
      ...(begins && proposal !== undefined && proposal.proposal.status !== 'hired'
        ? moveProposal(db, proposal, 'hired', at)
        : []),
    ],
  };
};

const groupsBeside = (db: Database, thread: number): number[] =>
  db.all<{ thread: number }>('SELECT thread FROM threads WHERE beside = ? ORDER BY thread', thread).map((row) => row.thread);

const existing = (db: Database, proposalId: string): StoredProposal => {
  const proposal = storedProposal(db, proposalId);
  if (proposal === undefined) throw noSuchProposal(proposalId);
  return proposal;
};

/** Says the new state in a thread, on behalf of the host platform. */
const tellThread = (db: Database, thread: number, changed: Contract, at: number): Delivery => {
  const contracts = withContract(subjectOf(db, thread).contracts, changed);
  const { head, threadId } = db.get<{ head: number; threadId: string }>(
    'UPDATE threads SET contracts = ? WHERE thread = ? RETURNING head, thread_id AS threadId',
    JSON.stringify(contracts),
    thread,
  )!;
  makeDueIfBegun(db, thread);
  const event = { type: 'contract.changed', threadId, offset: head + 1, at, actorId: null, contract: changed } as const;
  return appendEvent(db, thread, null, event);
};

export const openContractThread = (
  db: Database,
  open: NewMessage & { contractId: string; threadId: ThreadId },
): Written<{ threadId: ThreadId; opened: boolean; message: Message; contract: Contract }> => {
  const stored = storedContract(db, open.contractId);
  if (stored === undefined) throw noSuchContract(open.contractId);
  const { contract } = stored;
  if (stored.threadId !== null) {
    const { result, deliveries } = postAs(db, membership(db, stored.threadId, open.senderId), open);
    return { result: { threadId: stored.threadId, opened: false, message: result.message, contract }, deliveries };
  }
  const { threadId, at } = open;
  const { thread, delivery } = insertThread(db, {
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
  db.run('UPDATE contracts SET thread = ? WHERE contract_id = ?', thread, contract.contractId);
  const posted = postAs(db, membership(db, threadId, open.senderId), open);
  return {
    result: { threadId, opened: true, message: posted.result.message, contract },
    deliveries: [delivery, ...posted.deliveries],
  };
};
