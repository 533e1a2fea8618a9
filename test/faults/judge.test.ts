import { beforeEach, describe, expect, it } from 'vitest';
import { type Interview, type Message, NO_MARKS, type ThreadEvent, type ThreadSummary } from '../../protocol/index.ts';
import { createRandom } from '../support/random.ts';
import { createRecorder, type DeviceEnd, type History, type Recorder, type Truth } from './history.ts';
import { judge } from './judge.ts';
import { planFaults } from './schedule.ts';

const T = 'thread';
const EPOCH = 'epoch';

const message = (offset: number, clientMessageId: string, more: Partial<Message> = {}): Message => ({
  threadId: T,
  offset,
  senderId: 'ada',
  clientMessageId,
  body: clientMessageId,
  postedAt: offset,
  editedAt: null,
  deletedAt: null,
  ...more,
});
const posted = (of: Message): ThreadEvent => ({
  type: 'message.posted',
  threadId: T,
  offset: of.offset,
  at: of.postedAt,
  actorId: of.senderId,
  message: of,
});
const edited = (offset: number, of: Message): ThreadEvent => ({ ...posted(of), type: 'message.edited', offset }) as ThreadEvent;
const deleted = (offset: number, of: Message): ThreadEvent => ({ ...posted(of), type: 'message.deleted', offset }) as ThreadEvent;
const rang = (offset: number, version: number, state: Interview['state']): ThreadEvent =>
  ({
    type: 'interview.changed',
    threadId: T,
    offset,
    at: offset,
    actorId: 'ada',
    interview: { interviewId: 'call', threadId: T, version, state } as Interview,
  }) as ThreadEvent;

const summary = (head: number, unread = 0, more: Partial<ThreadSummary> = {}): ThreadSummary => ({
  threadId: T,
  kind: 'group',
  title: '',
  members: ['ada', 'bob'].map((userId) => ({ userId, role: 'member', readOffset: 0, joinedAt: 0 })),
  proposal: null,
  contracts: [],
  marks: NO_MARKS,
  head,
  lastMessage: null,
  unread,
  interview: null,
  openedAt: 0,
  activeAt: 0,
  ...more,
});

describe('the judge', () => {
  let recorder: Recorder;
  let history: readonly ThreadEvent[];
  let log: readonly ThreadEvent[];
  let presence: History['end']['presence'];
  let truth: Partial<Truth>;
  let device: Partial<DeviceEnd>;
  let how: 'push' | 'replay';

  beforeEach(() => {
    recorder = createRecorder(() => 0);
    history = [posted(message(1, 'first')), posted(message(2, 'second'))];
    log = history;
    presence = [];
    truth = {};
    device = {};
    how = 'push';
  });

  const post = (clientMessageId: string, offset?: number) => {
    const asked = recorder.ask('ada-phone', 'ada', 'message.post', { threadId: T, clientMessageId, body: clientMessageId });
    if (offset !== undefined) asked.acknowledged({ message: message(offset, clientMessageId), replayed: false });
    return asked;
  };
  const asAda = { device: 'ada-phone', userId: 'ada' };

  /** What bob's witness was told is `log`, what is stored is `history`. */
  const rules = (): string[] => {
    recorder.tell('bob', EPOCH, { is: 'snapshot', position: 0, threads: [summary(0)], askedSeq: 0 });
    recorder.tell('bob', EPOCH, { is: 'fetched', thread: summary(0), events: [], askedSeq: 0 });
    for (const [index, event] of log.entries())
      recorder.tell('bob', EPOCH, { is: 'entry', position: index + 1, event, how, askedSeq: recorder.now() });
    const head = log.at(-1)?.offset ?? 0;
    const unread = history.filter((event) => event.type === 'message.posted' && event.message.deletedAt === null).length;
    const thread = summary(head, unread);
    const given = {
      userId: 'bob',
      epoch: EPOCH,
      position: log.length,
      threads: [thread],
      histories: new Map([[T, history]]),
      ...truth,
    };
    const held = {
      device: 'bob-phone',
      userId: 'bob',
      status: 'online',
      threads: given.threads,
      timelines: new Map(),
      pending: [],
      ...device,
    };
    const end = { truths: [given], devices: [held], witnesses: [], presence };
    const { violations } = judge({ calls: recorder.calls, told: recorder.told, shown: recorder.shown, end });
    return [...new Set(violations.map(({ rule }) => rule))].sort();
  };

  it('[FA2] finds nothing where nothing is wrong', () => {
    post('first', 1);
    post('second').unknown();
    post('third').unknown();
    post('fourth').failed('invalid');
    expect(rules()).toEqual([]);
  });

  it('[FA2] an acknowledged message that is gone is lost', () => {
    post('first', 1);
    post('second', 2);
    post('third', 3);
    expect(rules()).toEqual(['lost']);
  });

  it('[FA2] a message that is there twice, at another offset, refused, or nobody’s, is found', () => {
    post('first', 1);
    post('second', 2);
    history = log = [...history, posted(message(3, 'second'))];
    expect(rules()).toEqual(['duplicate']);
    recorder = createRecorder();
    post('first', 2);
    post('second', 1);
    history = log = history.slice(0, 2);
    expect(rules()).toEqual(['order']);
    recorder = createRecorder();
    post('first', 1);
    post('second').failed('forbidden');
    expect(rules()).toEqual(['refused']);
    recorder = createRecorder();
    post('first', 1);
    expect(rules()).toEqual(['invented']);
  });

  it('[FA2] the last acknowledged edit stands; one that is unknown may', () => {
    post('first', 1);
    post('second', 2);
    const edit = (body: string) => recorder.ask('ada-phone', 'ada', 'message.edit', { threadId: T, offset: 1, body });
    const stands = (body: string): void => {
      const now = message(1, 'first', { body, editedAt: 9 });
      history = [posted(now), posted(message(2, 'second'))];
      log = [posted(message(1, 'first')), posted(message(2, 'second')), edited(3, now)];
      recorder.told.length = 0;
    };
    edit('one').acknowledged();
    stands('one');
    expect(rules()).toEqual([]);
    const slow = edit('two');
    edit('three').acknowledged();
    stands('two');
    expect(rules()).toEqual([]);
    slow.unknown();
    stands('three');
    expect(rules()).toEqual([]);
    stands('one');
    expect(rules()).toEqual(['edit']);
  });

  it('[FA2] a deleted message stays deleted, and its body is never given out again', () => {
    post('first', 1);
    post('second', 2);
    recorder.ask('ada-phone', 'ada', 'message.delete', { threadId: T, offset: 1 }).acknowledged();
    expect(rules()).toEqual(['resurrected']);
    const tombstone = message(1, 'first', { body: '', deletedAt: 9 });
    history = [posted(tombstone), posted(message(2, 'second'))];
    log = [posted(message(1, 'first')), posted(message(2, 'second')), deleted(3, tombstone)];
    recorder.told.length = 0;
    expect(rules()).toEqual([]);
    recorder.told.length = 0;
    how = 'replay';
    expect(rules()).toContain('resurrected');
  });

  it('[FA2] holes in offsets and positions, repeats, and steps back are found', () => {
    post('first', 1);
    post('second', 2);
    log = [history[1]!];
    expect(rules()).toEqual(['hole', 'missed']);
    recorder.told.length = 0;
    log = [history[0]!, history[1]!];
    truth = { position: 3 };
    expect(rules()).toEqual(['behind']);
    recorder.told.length = 0;
    truth = {};
    recorder.tell('bob', EPOCH, { is: 'stands', position: 7 });
    expect(rules()).toContain('position');
    recorder.told.length = 0;
    recorder.tell('bob', 'another', { is: 'stands', position: 0 });
    expect(rules()).toEqual(['epoch']);
  });

  it('[FA2] a device that shows what is not there, or in the wrong order, is found', () => {
    post('first', 1);
    post('second', 2);
    const shown = { ...asAda, threadId: T, head: 2, messages: [], disorder: [] };
    recorder.show({ ...shown, messages: [{ offset: 2, senderId: 'ada', clientMessageId: 'never-sent' }] });
    expect(rules()).toEqual(['unsent']);
    recorder.shown.length = recorder.told.length = 0;
    recorder.show(shown);
    recorder.show({ ...shown, head: 1 });
    expect(rules()).toEqual(['position']);
    recorder.shown.length = recorder.told.length = 0;
    recorder.show({ ...shown, disorder: ['2'] });
    expect(rules()).toEqual(['order']);
  });

  it('[FA2] a device that ends elsewhere than the server, or never ends, is found', () => {
    post('first', 1);
    post('second', 2);
    device = { threads: [summary(1, 1)] };
    expect(rules()).toEqual(['state']);
    recorder.told.length = 0;
    device = { timelines: new Map([[T, history.slice(0, 1)]]) };
    expect(rules()).toEqual(['missed']);
    recorder.told.length = 0;
    device = { status: 'reconnecting', pending: [{ threadId: T, clientMessageId: 'first', state: 'sending' }] };
    expect(rules()).toEqual(['stuck']);
  });

  it('[FA2] a wrong unread count and a read cursor that goes back are found', () => {
    post('first', 1);
    post('second', 2);
    truth = { threads: [summary(2, 1)] };
    expect(rules()).toEqual(['unread']);
    truth = {};
    recorder.told.length = 0;
    const moved = recorder.ask('bob-phone', 'bob', 'cursor.move', { threadId: T, readOffset: 2 });
    moved.acknowledged({ readOffset: 2, unread: 0 });
    expect(rules()).toEqual(['cursor']);
  });

  it('[FA2] an interview that skips, comes back or never ends is found', () => {
    post('first', 1);
    post('second', 2);
    const [first, second] = history as [ThreadEvent, ThreadEvent];
    const lives = (...events: ThreadEvent[]): string[] => {
      history = log = [first, second, ...events];
      recorder.told.length = 0;
      return rules();
    };
    expect(lives(rang(3, 1, 'ringing'), rang(4, 2, 'live'), rang(5, 3, 'ended'))).toEqual([]);
    expect(lives(rang(3, 1, 'ringing'), rang(4, 3, 'ended'))).toEqual(['interview']);
    expect(lives(rang(3, 1, 'ringing'), rang(4, 2, 'missed'), rang(5, 3, 'live'))).toContain('interview');
    expect(lives(rang(3, 1, 'ringing'))).toContain('interview');
  });

  it('[FA2] presence that is not true in the end is found', () => {
    post('first', 1);
    post('second', 2);
    presence = [{ watcher: 'bob-phone', userId: 'ada', online: true, expected: false }];
    expect(rules()).toEqual(['presence']);
  });
});

describe('the plan', () => {
  it('[FA1] the same seed gives the same faults', () => {
    const plan = (seed: number) => planFaults(createRandom(seed), 'cluster', 120_000);
    expect(plan(5)).toEqual(plan(5));
    expect(plan(5)).not.toEqual(plan(6));
    expect(plan(5).length).toBeGreaterThan(10);
  });
});
