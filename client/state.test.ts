import { describe, expect, test } from 'vitest';
import type { InboxEvent, Interview, ThreadSummary } from '../protocol/index.ts';
import { applyEntry, emptyInbox, fromSnapshot, type InboxState, withAwaited, withThread } from './state.ts';
import { createWorld, type World } from './test-world.ts';

const ringing = (threadId: string): Interview => ({
  interviewId: '00000000-0000-4000-8000-000000000001',
  threadId,
  media: 'video',
  state: 'ringing',
  version: 1,
  startedBy: 'ben',
  startedAt: 1,
  invitedIds: ['ana'],
  declinedIds: [],
  ringsUntil: 2,
  answeredBy: null,
  answeredAt: null,
  endedBy: null,
  endedAt: null,
});

/** A world that folds what it delivers. */
const setUp = () => {
  const world = createWorld('ana');
  for (const [userId, name] of [
    ['ana', 'Ana'],
    ['ben', 'Ben'],
    ['cem', 'Cem'],
  ] as const) {
    world.addUser(userId, name);
  }
  const held = { state: emptyInbox };
  world.onEntry(({ event }) => {
    held.state = applyEntry(held.state, 'ana', { event });
  });
  world.openThread('t1', ['ben', 'ana']);
  return { world, held };
};

const thread = (state: InboxState, threadId = 't1'): ThreadSummary => state.threads.get(threadId)!;

/** What a fresh snapshot would hold. */
const fresh = (world: World) => new Map(world.summaries().map((summary) => [summary.threadId, summary]));

describe('old state and events give the fresh snapshot', () => {
  const scenes: Record<InboxEvent['type'], (world: World) => void> = {
    'thread.opened': (world) => world.openThread('t2', ['cem', 'ana']),
    'member.joined': (world) => {
      const member = { userId: 'cem', role: 'member', readOffset: 2, joinedAt: 1 } as const;
      world.happen('t1', { type: 'member.joined', actorId: 'ben', member, user: world.user('cem') });
    },
    'member.left': (world) => {
      world.openThread('t2', ['cem', 'ana', 'ben']);
      world.happen('t2', { type: 'member.left', actorId: 'cem', userId: 'cem' });
      world.openThread('t3', ['cem', 'ana']);
      world.happen('t3', { type: 'member.left', actorId: 'cem', userId: 'ana' });
      world.openThread('t4', ['cem', 'ana', 'ben']);
      world.happen('t4', { type: 'member.left', actorId: 'cem', userId: 'cem', ownerId: 'ana' });
    },
    'message.posted': (world) => {
      world.post('t1', 'ben', 'hello');
      world.post('t1', 'ana', 'hi');
    },
    'message.edited': (world) => {
      const first = world.post('t1', 'ben', 'helo').message;
      world.edit('t1', first.offset, 'hello');
      const last = world.post('t1', 'ben', 'wrold').message;
      world.edit('t1', last.offset, 'world');
      world.edit('t1', first.offset, 'hello,');
    },
    'message.released': (world) => {
      const masked = [{ start: 0, end: 5, category: 'email' as const }];
      const first = world.post('t1', 'ben', '•••••', 'masked-1', masked).message;
      const last = world.post('t1', 'ana', '•••••', 'masked-2', masked).message;
      world.release('t1', first.offset, 'one');
      world.release('t1', last.offset, 'two');
    },
    'message.deleted': (world) => {
      const read = world.post('t1', 'ben', 'read').message;
      world.moveCursor('t1', 'ana', read.offset);
      const unread = world.post('t1', 'ben', 'unread').message;
      world.post('t1', 'ben', 'stays');
      const own = world.post('t1', 'ana', 'own').message;
      for (const { offset } of [read, unread, own]) world.remove('t1', offset);
    },
    'proposal.changed': (world) => {
      const proposal = {
        proposalId: 'p1',
        jobId: 'j1',
        jobTitle: 'A job',
        clientId: 'ben',
        freelancerId: 'ana',
        managerId: null,
        status: 'hired',
      } as const;
      world.happen('t1', { type: 'proposal.changed', actorId: null, proposal });
    },
    'proposal.listed': (world) =>
      world.list({
        proposalId: 'p1',
        jobId: 'j1',
        jobTitle: 'A job',
        clientId: 'ben',
        freelancerId: 'ana',
        managerId: null,
        status: 'proposed',
      }),
    'contract.changed': (world) => {
      const offered = {
        contractId: 'c1',
        proposalId: null,
        clientId: 'ben',
        freelancerId: 'ana',
        title: 'A job',
        status: 'offered',
        version: 1,
        startedAt: null,
        endedAt: null,
      } as const;
      world.happen('t1', { type: 'contract.changed', actorId: null, contract: offered });
      world.happen('t1', { type: 'contract.changed', actorId: null, contract: { ...offered, contractId: 'c2' } });
      const begun = { ...offered, status: 'active', version: 2, startedAt: 5 } as const;
      world.happen('t1', { type: 'contract.changed', actorId: null, contract: begun });
    },
    'marks.changed': (world) => {
      world.mark('t1', { hidden: true, archived: true });
      world.post('t1', 'ben', 'hello');
      world.openThread('t2', ['ben', 'ana']);
      world.mark('t2', { favourite: true });
      world.mark('t2', { hidden: true });
    },
    'interview.changed': (world) => {
      world.openThread('t2', ['ben', 'ana']);
      world.changeInterview('t1', ringing('t1'));
      world.changeInterview('t2', ringing('t2'));
      world.changeInterview('t2', { ...ringing('t2'), state: 'missed', version: 2 });
    },
    'cursor.moved': (world) => {
      world.post('t1', 'ben', 'one');
      world.post('t1', 'ben', 'two');
      world.moveCursor('t1', 'ana', 2);
      world.moveCursor('t1', 'ben', 3);
      world.post('t1', 'ben', 'three');
    },
    'user.changed': (world) => world.changeUser('ben', 'Benjamin'),
  };

  test.each(Object.keys(scenes) as InboxEvent['type'][])('[CL11] %s', (type) => {
    const { world, held } = setUp();
    const delivered = new Set<string>();
    world.onEntry(({ event }) => delivered.add(event.type));
    scenes[type](world);
    expect(delivered).toContain(type);
    expect(held.state.threads).toEqual(fresh(world));
    for (const user of world.page().users) expect(held.state.users.get(user.userId)).toEqual(user);
    expect(held.state.awaited.size).toBe(0);
  });
});

describe('what arrives out of step', () => {
  test('[CL12] an event at or below the head, or a cursor that is not ahead, changes nothing, not even identities', () => {
    const { world, held } = setUp();
    const seen: InboxEvent[] = [];
    world.onEntry(({ event }) => seen.push(event));
    world.post('t1', 'ben', 'one');
    world.moveCursor('t1', 'ana', 2);
    world.post('t1', 'ben', 'two');
    const before = held.state;
    for (const event of seen) expect(applyEntry(before, 'ana', { event })).toBe(before);
  });

  test('[CL13] a thread that is not held is awaited, with what happens in it until it is fetched', () => {
    const { world, held } = setUp();
    const old = fromSnapshot({ threads: [], users: [] });
    let state = old;
    world.onEntry(({ event }) => {
      state = applyEntry(state, 'ana', { event });
    });
    world.post('t1', 'ben', 'one');
    const fetched = world.thread('t1');
    world.post('t1', 'ben', 'two');
    world.moveCursor('t1', 'ana', 3);
    expect([...state.awaited.keys()]).toEqual(['t1']);
    expect(state.threads.size).toBe(0);
    state = withThread(state, 'ana', fetched.thread, fetched.users);
    expect(state.awaited.size).toBe(0);
    expect(thread(state)).toEqual(thread(held.state));
    expect(state.users.get('ben')?.displayName).toBe('Ben');
  });

  test('[CL13] being added to a thread awaits it, and leaving it before it came forgets it', () => {
    const { world } = setUp();
    let state = emptyInbox;
    world.onEntry(({ event }) => {
      state = applyEntry(state, 'ana', { event });
    });
    world.openThread('t2', ['ben', 'cem']);
    const member = { userId: 'ana', role: 'member', readOffset: 2, joinedAt: 1 } as const;
    world.happen('t2', { type: 'member.joined', actorId: 'ben', member, user: world.user('ana') });
    expect([...state.awaited.keys()]).toEqual(['t2']);
    world.happen('t2', { type: 'member.left', actorId: 'ben', userId: 'ana' });
    expect(state.awaited.size).toBe(0);
  });

  test('[CL13] a fetched copy of a thread that is held changes neither it nor newer profiles', () => {
    const { world, held } = setUp();
    const old = world.thread('t1');
    world.post('t1', 'ben', 'one');
    world.changeUser('ben', 'Benjamin');
    const next = withThread(withAwaited(held.state, 't1'), 'ana', old.thread, old.users);
    expect(next.threads).toBe(held.state.threads);
    expect(next.users.get('ben')?.displayName).toBe('Benjamin');
  });

  test('[CL13] a profile of a person one shared no thread with is replaced by the fetched one, unless the log said more meanwhile', () => {
    const { world } = setUp();
    const { thread, users } = world.thread('t1');
    const ben = users.find(({ userId }) => userId === 'ben');
    if (ben === undefined) throw new Error('Ben is a member of the thread.');
    const apart = withAwaited({ ...emptyInbox, users: new Map([['ben', { ...ben, displayName: 'As it was' }]]) }, 't1');
    expect(withThread(apart, 'ana', thread, users).users.get('ben')).toEqual(ben);
    const changed = { type: 'user.changed', user: { ...ben, displayName: 'Benjamin' }, at: 1 } as const;
    const told = applyEntry(apart, 'ana', { event: changed });
    expect(withThread(told, 'ana', thread, users).users.get('ben')?.displayName).toBe('Benjamin');
  });

  test('[MK6] marks that come late do not hide again what a later message brought back', () => {
    const { world } = setUp();
    const marks = world.mark('t1', { hidden: true, favourite: true });
    world.post('t1', 'ben', 'one');
    const { thread: fetched, users } = world.thread('t1');
    const state = withThread(emptyInbox, 'ana', fetched, users);
    expect(thread(state).marks).toMatchObject({ hidden: false, favourite: true });
    expect(applyEntry(state, 'ana', { event: { type: 'marks.changed', threadId: 't1', marks, at: 1 } })).toBe(state);
  });
});
