/**
 * The guard before everything durable that people say: inspects it where it is about to be said, and lets it through, masks it, or
 * refuses it, as the policy has it for the thread's contract. Masked originals are sealed with it and released, live and in place, once
 * the contract begins: the store says which threads are due (from the contract's own transaction on), the gate has the keys.
 *
 * The guard is deterministic and its answer depends on what was said before, so a message that was heard is not asked about again: a
 * replay of a post passes as it came, and the store knows it by its original.
 */
import { setImmediate } from 'node:timers/promises';
import type { Policy } from '../../config/policy.ts';
import {
  GuardExceptions,
  type GuardFinding,
  type GuardVerdict,
  type InboxEvent,
  MAX_BODY_LENGTH,
  type Message,
  type Offset,
  type Payload,
  ProtocolError,
  type ThreadId,
  type UserId,
} from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Deliver } from '../handlers.ts';
import { createSerialQueues } from '../serial-queues.ts';
import { sha256 } from '../store/rules.ts';
import type { Guarded, Place, SealedMessage, Speech, Store } from '../store/store.ts';
import { checkText, decideText, hiddenSpans, toFindings } from './check.ts';
import { type Masked, masked, spansOf } from './mask.ts';
import { allowsAll, type Decision, strictness } from './policy.ts';
import { restore } from './restore.ts';
import type { Sealer } from './sealer.ts';
import type { Appealed, Standing } from './waiting.ts';
import { whereSaid } from './where-said.ts';

/** A text somebody is about to say. */
export interface Saying {
  readonly userId: UserId;
  readonly clientMessageId: string;
  readonly body: string;
  /** The sender has seen what the guard doubts. */
  readonly confirmed: boolean;
}

/** What the store is to keep: the text, or its masked form with the seal. */
export interface Admitted {
  readonly body: string;
  readonly guarded?: Guarded;
}

/** A text that a moderator is to see before it is said; answers how that stands. */
export interface Hold {
  readonly saying: Saying;
  readonly place: Place;
  readonly findings: GuardFinding[];
}
export type OnHold = (hold: Hold) => Promise<Standing>;

export interface Gate {
  /** What would become of a text if it were said now. */
  preview(ask: { userId: UserId; place: Place; body: string }): Promise<GuardVerdict>;
  /**
   * Says a text by `write`. What one person says in one place is judged and stored one after the other, so that a number in pieces is
   * seen whole however fast they come. Rejects with `blocked`, `unconfirmed` or `held`, and as the posting would.
   */
  say<Value>(saying: Saying, place: Place, write: (admitted: Admitted) => Promise<Value>): Promise<Value>;
  /** The same for an edit; marks that are left in place keep what is under them. A text that would be held is refused. */
  admitEdit(edit: { userId: UserId; threadId: ThreadId; offset: Offset; body: string; confirmed: boolean }): Promise<Admitted>;
  /** A name or title, which everybody sees at once and nobody has to be told later: what may not be in it is under marks for good. */
  name(text: string): string;
  /** Of a text of any length; what others say meanwhile is judged between its parts. */
  check(check: Parameters<typeof checkText>[0]): Promise<GuardVerdict>;
  /** The text that somebody wants let through. Rejects with `conflict` when nothing of it is masked, or when it would not be refused. */
  appealed(userId: UserId, appeal: Payload<'guard.appeal'>): Promise<Appealed>;
  /** Lets a masked message go as it was written, whatever its contract. False when nothing of it is masked. */
  lift(threadId: ThreadId, offset: Offset): Promise<boolean>;
  /** A contract may have begun. */
  nudge(): void;
  /** Releases all that is due; resolves when nothing is left that can be. */
  release(): Promise<void>;
  close(): Promise<void>;
}

interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a gateway that died left due is released by the others after this, and at the next start. */
const SWEEP_MS = 30_000;
const THREADS_AT_ONCE = 20;
const MESSAGES_AT_ONCE = 100;

const seals = (text: string, hidden: readonly string[]): string => JSON.stringify({ text, hidden });
const placeOf = ({ senderId, clientMessageId }: Pick<Message, 'senderId' | 'clientMessageId'>): string =>
  `message:${senderId}:${clientMessageId}`;

/** After these something may be due. */
export const mayRelease = (event: InboxEvent): boolean =>
  event.type === 'contract.changed' ||
  (event.type === 'proposal.listed' && event.proposal.status === 'hired') ||
  ((event.type === 'message.posted' || event.type === 'message.edited') && event.message.masked !== undefined);

export const createGate = (options: {
  store: Store;
  deliver: Deliver;
  policy: Policy;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  onHold: OnHold;
  /** Beside its sealed messages, what waits for a moderator in a thread whose contract has begun. */
  releaseHolds: (threadId: ThreadId) => Promise<void>;
  /** And what waits as the first message to a proposal whose contract has. */
  releaseFirstMessages: () => Promise<void>;
  /** How many were released. */
  observe: (released: number) => void;
}): Gate => {
  const { store, deliver, policy, sealer, clock, log } = options;
  const lanes = createSerialQueues();
  /** Nothing that could be found is of any consequence. */
  const isOpen = (['before', 'active', 'ended'] as const).every((contract) => allowsAll(policy, contract));

  const decide = (speech: Speech, text: string): Decision =>
    decideText({ ...speech, text, earlier: [...speech.earlier] }, policy);

  const guard = (text: string, hidden: Masked, by: Pick<Message, 'senderId' | 'clientMessageId'>): Admitted => ({
    body: hidden.body,
    guarded: {
      masked: hidden.masked,
      seal: sealer.seal(seals(text, hidden.hidden), placeOf(by)),
      originalHash: sha256(text),
    },
  });

  /** The text as it may be said, or why not. */
  const settle = (
    text: string,
    decision: Decision,
    { confirmed, ...by }: Pick<Message, 'senderId' | 'clientMessageId'> & { confirmed: boolean },
  ): Admitted => {
    if (!confirmed && decision.decided.some(({ action }) => action === 'warn')) throw refusal('unconfirmed', decision);
    if (decision.action !== 'mask') return { body: text };
    const hidden = masked(text, hiddenSpans(decision, text));
    // What was found lies in earlier messages alone: there is nothing to put a mark over.
    if (hidden.masked.length === 0) return { body: text };
    if (hidden.body.length > MAX_BODY_LENGTH) throw refusal('blocked', decision);
    return guard(text, hidden, by);
  };

  const admit = async (saying: Saying, place: Place): Promise<Admitted> => {
    const { userId, clientMessageId, body, confirmed } = saying;
    const speech = await store.speech({ place, userId, clientMessageId });
    if (speech.isRepeated || allowsAll(policy, speech.contract)) return { body };
    const decision = decide(speech, body);
    if (decision.action === 'block') throw refusal('blocked', decision);
    if (decision.action === 'hold') {
      const { state, reason } = await options.onHold({ saying, place, findings: toFindings(decision.decided) });
      if (state === 'waiting') throw refusal('held', decision);
      if (state === 'refused') throw refusal('blocked', decision, reason);
      return { body };
    }
    return settle(body, decision, { senderId: userId, clientMessageId, confirmed });
  };

  const open = ({ message, seal }: SealedMessage): { text: string; hidden: string[] } =>
    JSON.parse(sealer.open(seal, placeOf(message))) as { text: string; hidden: string[] };

  const letGo = async (sealed: SealedMessage): Promise<boolean> => {
    const { threadId, offset } = sealed.message;
    const { text } = open(sealed);
    const { released } = await deliver(
      store.releaseMessage({ threadId, offset, seal: sealed.seal, body: text, at: clock.now() }),
    );
    return released;
  };

  /** It is tried again with each sweep, and its key may be missing for good: one line says so. */
  const toldOf = new Set<string>();
  const releaseThread = async (threadId: ThreadId): Promise<void> => {
    let after = 0;
    let released = 0;
    for (;;) {
      const page = await store.sealedIn(threadId, { after, limit: MESSAGES_AT_ONCE });
      for (const sealed of page) {
        after = sealed.message.offset;
        try {
          if (await letGo(sealed)) released += 1;
        } catch (error) {
          if (error instanceof ProtocolError) throw error;
          const place = `${threadId} ${after}`;
          if (!toldOf.has(place)) log.error({ err: error, threadId, offset: after }, 'a masked message cannot be released');
          toldOf.add(place);
        }
      }
      if (page.length < MESSAGES_AT_ONCE) break;
    }
    await options.releaseHolds(threadId);
    await store.settleRelease(threadId);
    options.observe(released);
    if (released === 0) return;
    const details = { why: 'the contract has begun', messages: released };
    await store.appendAudit({ at: clock.now(), actor: null, action: 'original.opened', subject: threadId, details });
    log.info({ threadId, released }, 'the contract has begun: masked messages were released');
  };

  const releaseDue = async (): Promise<void> => {
    await options.releaseFirstMessages();
    const done = new Set<ThreadId>();
    for (;;) {
      const due = (await store.dueReleases(THREADS_AT_ONCE + done.size)).filter((threadId) => !done.has(threadId));
      if (due.length === 0) return;
      for (const threadId of due) {
        // One that cannot be finished now stays due, and is tried again by the sweep.
        done.add(threadId);
        await releaseThread(threadId);
      }
    }
  };

  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  const release = async (): Promise<void> => {
    again = true;
    running ??= (async () => {
      while (again && !closed) {
        again = false;
        await releaseDue();
      }
    })()
      .catch((error: unknown) => {
        if (!closed) log.error({ err: error }, 'what is due could not be released; it is tried again');
      })
      .finally(() => {
        running = undefined;
      });
    await running;
  };
  let cancelSweep = (): void => {};
  const sweepLater = (): void => {
    cancelSweep = clock.after(SWEEP_MS, () => {
      void release();
      sweepLater();
    });
  };
  sweepLater();

  return {
    async preview({ userId, place, body }) {
      const speech = await store.speech({ place, userId });
      return checkText({ ...speech, text: body, earlier: [...speech.earlier] }, policy, setImmediate);
    },

    say(saying, place, write) {
      if (isOpen) return write({ body: saying.body });
      const lane = `${Object.values(place)[0]} ${saying.userId}`;
      return lanes.run(lane, async () => write(await admit(saying, place)));
    },

    async admitEdit({ userId, threadId, offset, body, confirmed }) {
      const { message, seal } = await store.ownMessage({ threadId, offset, userId });
      if (message.body === body) return { body };
      const before = { body: message.body, marks: message.masked ?? [] };
      const text = seal === null ? body : restore(body, before, open({ message, seal }).hidden);
      const speech = await store.speech({ place: { threadId }, userId });
      if (allowsAll(policy, speech.contract)) return { body: text };
      const decision = decide(speech, text);
      if (decision.action === 'block' || decision.action === 'hold') throw refusal('blocked', decision);
      return settle(text, decision, { ...message, confirmed });
    },

    name(text) {
      const decision = decideText(
        { text, earlier: [], contract: 'before', role: 'freelancer', exceptions: NOTHING_GRANTED },
        policy,
      );
      const unwanted = decision.decided.filter(({ action }) => action !== 'allow' && action !== 'warn');
      return masked(text, spansOf(unwanted.map(({ finding }) => finding))).body;
    },

    check: (check) => checkText(check, policy, setImmediate),

    async appealed(userId, { offset, body, threadId, proposalId }) {
      const speech = await store.speech({ place: whereSaid({ threadId, proposalId }), userId });
      const textOf = async (masked: Offset): Promise<string> => {
        const { message, seal } = await store.ownMessage({ threadId: threadId!, offset: masked, userId });
        if (seal === null) throw new ProtocolError('conflict', 'Nothing is hidden in this message any more.');
        return open({ message, seal }).text;
      };
      const text = offset === undefined ? body! : await textOf(offset);
      const decision = decide(speech, text);
      if (offset === undefined && decision.action !== 'block') {
        throw new ProtocolError('conflict', 'This would not be refused now: send it.');
      }
      return { text, findings: toFindings(decision.decided) };
    },

    async lift(threadId, offset) {
      const [sealed] = await store.sealedIn(threadId, { after: offset - 1, limit: 1 });
      return sealed?.message.offset === offset && (await letGo(sealed));
    },

    nudge() {
      void release();
    },
    release,
    async close() {
      closed = true;
      cancelSweep();
      await running;
    },
  };
};

const NOTHING_GRANTED = GuardExceptions.parse({});

const WORDS = {
  blocked: 'This cannot be sent here',
  unconfirmed: 'Please look at this again before you send it',
  held: 'A moderator looks at this before it is sent',
} as const;

/** Says why, and what to do instead. */
const refusal = (code: keyof typeof WORDS, { decided }: Decision, reason: string | null = null): ProtocolError => {
  const why = reason ?? decided.toSorted((one, other) => strictness(other.action) - strictness(one.action))[0]?.advice ?? '';
  return new ProtocolError(code, `${WORDS[code]}. ${why}`.trim(), { findings: toFindings(decided) });
};
