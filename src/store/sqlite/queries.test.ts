/** Whatever the store asks SQLite goes by an index: every statement that its operations prepare is explained. */
import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { GuardExceptions, PutAnnouncement } from '../../../protocol/index.ts';
import {
  caseFor,
  contractFor,
  job,
  profile,
  proposalFor,
  ringing,
  tick,
  unique,
} from '../../../test/contracts/store/fixtures.ts';
import { sha256 } from '../rules.ts';
import type { Settlement } from '../store.ts';
import { type Database, openDatabase } from './database.ts';
import { type OperationName, READS, WRITES } from './operations.ts';

const write = WRITES;
const read = READS;

/** Does something of every kind, so that every statement is prepared. */
const operateAll = (db: Database): void => {
  const [owner, member, joining] = [unique('user'), unique('user'), unique('user')];
  const threadId = randomUUID();
  const members = [owner, member].map((userId) => ({
    userId,
    role: userId === owner ? ('owner' as const) : ('member' as const),
  }));
  const put = job(owner);
  const proposalId = unique('proposal');
  const contractId = unique('contract');
  const message = { senderId: owner, clientMessageId: randomUUID(), body: 'Hello.' };
  const own = { threadId, offset: 2, actorId: owner };
  const interview = ringing(threadId, owner, [member]);
  const open = { threadKey: unique('key'), threadId, kind: 'group' as const, title: '', members };

  const opened = (kind: 'hold' | 'report') => read.cases(db, { list: 'waiting', kind, limit: 1 }).cases[0]!;

  const calls: Record<OperationName, () => unknown> = {
    putUser: () => {
      for (const userId of [owner, member, joining]) {
        write.putUser(db, profile(userId), tick());
        write.putUser(db, profile(userId), tick(), tick());
      }
    },
    putJob: () => write.putJob(db, put),
    putProposal: () => write.putProposal(db, proposalId, proposalFor(put.jobId, member), tick()),
    openProposalThread: () => {
      write.openProposalThread(db, { ...message, proposalId, threadId: randomUUID(), at: tick() });
      write.putProposal(db, proposalId, proposalFor(put.jobId, member, { status: 'hired' }), tick());
    },
    putContract: () => {
      for (const version of [1, 2]) {
        const put = contractFor(owner, member, { proposalId, status: 'active', version });
        write.putContract(db, contractId, put, tick());
      }
    },
    openContractThread: () => {
      for (const clientMessageId of [randomUUID(), randomUUID()])
        write.openContractThread(db, { ...message, clientMessageId, contractId, threadId: randomUUID(), at: tick() });
    },
    openThread: () => {
      write.openThread(db, { ...open, at: tick() });
      write.openThread(db, { ...open, at: tick() });
    },
    postMessage: () => {
      write.postMessage(db, { ...message, threadId, at: tick() });
      write.postMessage(db, { ...message, threadId, at: tick() });
    },
    markThread: () => {
      for (const userId of [owner, member]) write.markThread(db, { threadId, userId, archived: true, hidden: true, at: tick() });
      write.markThread(db, { threadId, userId: owner, favourite: true, at: tick() });
    },
    addMember: () => write.addMember(db, { threadId, actorId: owner, userId: joining, role: 'member', at: tick() }),
    moveCursor: () => write.moveCursor(db, { threadId, userId: member, readOffset: 1, at: tick() }),
    editMessage: () => write.editMessage(db, { ...own, body: 'Hello, all.', at: tick() }),
    deleteMessage: () => write.deleteMessage(db, { ...own, at: tick() }),
    changeInterview: () => {
      write.changeInterview(db, { interview, actorId: owner, at: tick() });
      write.changeInterview(db, { interview: { ...interview, state: 'missed', version: 2 }, actorId: null, at: tick() });
      write.putUser(db, profile(owner, { headline: 'Cartographer' }), tick());
    },
    removeMember: () => write.removeMember(db, { threadId, actorId: owner, userId: joining, at: tick() }),
    takeDue: () => write.takeDue(db, { address: 'an-address', now: tick() + 1_000, leaseMs: 1_000, limit: 10 }),
    settleDelivery: () => {
      const settle = (outcome: Settlement['outcome']) => write.settleDelivery(db, { deliveryId: 1, attempt: 1, outcome });
      settle({ status: 'due', error: 'busy', dueAt: tick() });
      settle({ status: 'dead', error: 'given up' });
      settle({ status: 'delivered' });
      settle({ status: 'returned', at: tick() });
    },
    replayDelivery: () => write.replayDelivery(db, 1, tick()),
    replaySince: () => write.replaySince(db, { since: 0, after: 0, until: tick(), limit: 10 }, tick()),
    stopDeliveries: () => write.stopDeliveries(db, 'another-address', tick()),
    resumeDeliveries: () => write.resumeDeliveries(db, 'another-address'),
    setAudience: () => write.setAudience(db, owner, { country: 'PT', kind: 'freelancer' }),
    audienceOf: () => read.audienceOf(db, owner),
    putAnnouncement: () => write.putAnnouncement(db, 'one', PutAnnouncement.parse({ text: 'Hello.' }), tick()),
    dismissAnnouncement: () => write.dismissAnnouncement(db, { userId: owner, announcementId: 'one', at: tick() }),
    deleteAnnouncement: () => write.deleteAnnouncement(db, 'another'),
    announcement: () => read.announcement(db, 'one'),
    announcements: () => read.announcements(db, { after: '', limit: 10 }),
    pendingAnnouncements: () => read.pendingAnnouncements(db, tick()),
    voteHelp: () => write.voteHelp(db, { userId: owner, noteId: 'staying-safe', helpful: true, at: tick() }),
    helpVotes: () => read.helpVotes(db, owner),
    helpCounts: () => read.helpCounts(db),
    deliveries: () => read.deliveries(db, { after: 0, status: 'due', limit: 10 }),
    speech: () => {
      for (const place of [{ threadId }, { proposalId }, { contractId }])
        read.speech(db, { place, userId: owner, clientMessageId: message.clientMessageId });
    },
    ownMessage: () => read.ownMessage(db, { threadId, offset: 2, userId: owner }),
    sealedIn: () => read.sealedIn(db, threadId, { after: 0, limit: 10 }),
    releaseMessage: () => {
      const [guarded] = [
        { masked: [{ start: 0, end: 5, category: 'email' as const }], seal: new Uint8Array([1]), originalHash: sha256('a') },
      ];
      const post = { ...message, clientMessageId: randomUUID(), body: 'Masked.', guarded, threadId, at: tick() };
      const { offset } = write.postMessage(db, post).result.message;
      write.releaseMessage(db, { threadId, offset, seal: guarded.seal, body: 'a', at: tick() });
    },
    dueReleases: () => read.dueReleases(db, 10),
    settleRelease: () => write.settleRelease(db, threadId),
    putExceptions: () => {
      for (const [scope, id] of [
        ['thread', threadId],
        ['proposal', proposalId],
        ['user', owner],
      ] as const) {
        write.putExceptions(db, scope, id, GuardExceptions.parse({}), tick());
        write.putExceptions(db, scope, id, null, tick());
      }
    },
    setLastSeen: () => write.setLastSeen(db, owner, tick()),
    users: () => read.users(db, [owner, member]),
    proposal: () => read.proposal(db, proposalId),
    contract: () => read.contract(db, contractId),
    contractState: () => read.contractState(db, threadId),
    proposalsOf: () => {
      read.proposalsOf(db, owner, { limit: 10 });
      read.proposalsOf(db, owner, { jobId: put.jobId, limit: 10 });
    },
    job: () => read.job(db, put.jobId),
    listUsers: () => read.listUsers(db, { limit: 10 }),
    listJobs: () => read.listJobs(db, { limit: 10 }),
    listProposals: () => {
      read.listProposals(db, { limit: 10 });
      read.listProposals(db, { jobId: put.jobId, limit: 10 });
    },
    listContracts: () => read.listContracts(db, { limit: 10 }),
    jobOf: () => read.jobOf(db, owner, put.jobId),
    jobsOf: () => read.jobsOf(db, owner, { limit: 10 }),
    thread: () => read.thread(db, member, threadId),
    threads: () => {
      read.threads(db, owner, { limit: 10 });
      for (const marked of ['archived', 'favourite', 'hidden'] as const) read.threads(db, owner, { limit: 10, marked });
    },
    history: () => {
      read.history(db, owner, { threadId, limit: 10 });
      read.history(db, owner, { threadId, after: 1, limit: 10 });
    },
    search: () => {
      const search = { limit: 10, after: { activeAt: tick(), threadId, before: 10 } };
      for (const [words, prefix] of [
        [['hello'], null],
        [['hello'], 'all'],
        [[], 'hel'],
      ] as const)
        read.search(db, owner, { ...search, query: { words, prefix } });
      read.search(db, owner, { threadId, limit: 10, query: { words: ['hello', 'all'], prefix: null } });
    },
    memberIds: () => read.memberIds(db, threadId),
    threadsAmong: () => read.threadsAmong(db, owner, [threadId]),
    contactsAmong: () => read.contactsAmong(db, owner, [member]),
    interview: () => read.interview(db, interview.interviewId),
    activeInterviews: () => read.activeInterviews(db),
    heads: () => read.heads(db, [owner]),
    since: () => {
      read.since(db, owner, { epoch: db.epoch, position: 0 });
      read.since(db, owner, undefined);
    },
    lastSeen: () => read.lastSeen(db, [owner]),
    openCase: () => {
      for (const kind of ['hold', 'report'] as const) write.openCase(db, caseFor(owner, { kind, threadId, openedBy: member }));
    },
    claimCase: () => write.claimCase(db, { caseId: opened('hold').caseId, moderatorId: 'mo', until: tick(), at: tick() }),
    decideCase: () =>
      write.decideCase(db, { caseId: opened('hold').caseId, moderatorId: 'mo', outcome: 'granted', reason: 'Fine.', at: tick() }),
    reviewCase: () => {
      const { cases } = read.cases(db, { list: 'decided', limit: 1 });
      write.reviewCase(db, {
        caseId: cases[0]!.caseId,
        moderatorId: 'ma',
        verdict: 'confirmed',
        reason: 'So it is.',
        at: tick(),
      });
    },
    withdrawCase: () => write.withdrawCase(db, { caseId: opened('report').caseId, userId: member, at: tick() }),
    effectsDue: () => read.effectsDue(db, { before: tick(), limit: 10 }),
    settleEffect: () =>
      write.settleEffect(db, {
        caseId: read.effectsDue(db, { before: tick(), limit: 1 })[0]!.caseId,
        outcome: 'granted',
        at: tick(),
      }),
    caseOf: () => read.caseOf(db, randomUUID()),
    caseByKey: () => read.caseByKey(db, 'no-such-key'),
    waitingCases: () => read.waitingCases(db, threadId, 'hold'),
    overtakenHolds: () => read.overtakenHolds(db, 10),
    cases: () => {
      for (const list of ['waiting', 'decided'] as const) {
        read.cases(db, { list, limit: 10 });
        read.cases(db, { list, kind: 'hold', limit: 10, after: { at: 1, caseId: '' } });
      }
    },
    casesAbout: () => read.casesAbout(db, owner, 10),
    conversation: () => read.conversation(db, { threadId, offset: 2, limit: 10 }),
    setBlock: () => {
      for (const blocked of [true, false]) write.setBlock(db, { userId: owner, otherId: member, blocked, at: tick() });
    },
    blocksOf: () => read.blocksOf(db, owner),
    isApart: () => {
      const direct = { ...open, threadKey: unique('key'), threadId: randomUUID(), kind: 'direct' as const };
      write.openThread(db, { ...direct, at: tick() });
      write.postMessage(db, { ...message, threadId: direct.threadId, at: tick() });
      read.isApart(db, owner, direct.threadId);
    },
    appendAudit: () =>
      write.appendAudit(db, { at: tick(), actor: null, action: 'exception.granted', subject: owner, details: {} }),
    auditEntries: () => read.auditEntries(db, { after: 0, limit: 10 }),
    accountCreatedAt: () => read.accountCreatedAt(db, owner),
  };
  for (const call of Object.values(calls)) call();
};

const plans = (): { sql: string; plan: string[] }[] => {
  const db = openDatabase({ path: ':memory:', replayLimit: 1_000, inboxKeep: 10, outbox: ['thread.opened'] });
  onTestFinished(() => db.close());
  operateAll(db);
  const statements = db.statements().filter((sql) => /^\s*(SELECT|INSERT|UPDATE|DELETE)/.test(sql));
  return statements.map((sql) => ({
    sql,
    plan: db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => detail),
  }));
};

/** Scans that cost what was asked for: the ids of a call, threads that are due, the last messages of a thread, and the index that holds active interviews alone. */
const BOUNDED = /^SCAN (json_each|releases|last|interviews USING INDEX interviews_active|CONSTANT ROW)/;

it('[ST81] no statement scans a table', () => {
  const explained = plans();
  expect(explained.length).toBeGreaterThan(40);
  for (const { sql, plan } of explained) {
    const scans = plan.filter((step) => step.startsWith('SCAN') && !BOUNDED.test(step));
    expect(scans, sql).toEqual([]);
  }
});

it('[ST81] a page is read in the order of an index, without sorting what is not on it', () => {
  const pages = plans().filter(({ sql }) => sql.includes('LIMIT'));
  expect(pages.length).toBeGreaterThanOrEqual(7);
  for (const { sql, plan } of pages) {
    expect(
      plan.filter((step) => step.includes('TEMP B-TREE')),
      sql,
    ).toEqual([]);
  }
});
