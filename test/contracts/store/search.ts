/** The contract of search: what is found, in which order and by whom. */
import { describe, expect, it } from 'vitest';
import { matchesIn, queryOf, type SearchPlace } from '../../../protocol/index.ts';
import { SEARCH_BOUNDS } from '../../../src/store/rules.ts';
import type { Store } from '../../../src/store/store.ts';
import { createRandom } from '../../support/random.ts';
import { type OpenStore, openGroup, people, post, rejected, tick, useStore } from './fixtures.ts';

/** The bodies found, page by page. */
const found = async (
  store: Store,
  userId: string,
  text: string,
  { threadId = undefined as string | undefined, limit = 10 } = {},
) => {
  const bodies: string[] = [];
  let after: SearchPlace | undefined;
  do {
    const page = await store.search(userId, { query: queryOf(text)!, threadId, after, limit });
    expect(page.messages.length).toBeLessThanOrEqual(limit);
    bodies.push(...page.messages.map(({ body }) => body));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return bodies;
};

export const searchContract = (open: OpenStore): void => {
  describe('search', () => {
    const context = useStore(open);

    const scene = async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      return { store, me, other, threadId: await openGroup(store, [me, other]) };
    };

    it('[SR1] finds messages that have all the words, the last of which may be unfinished', async () => {
      const { store, me, other, threadId } = await scene();
      for (const body of ['The Résumé is attached.', 'A resume, revised: RESUMÉ!', 'Nothing here', 'resumption'])
        await post(store, threadId, other, body);
      expect(await found(store, me, 'resume ')).toEqual(['A resume, revised: RESUMÉ!', 'The Résumé is attached.']);
      expect(await found(store, me, 'RÉSUM')).toEqual(['resumption', 'A resume, revised: RESUMÉ!', 'The Résumé is attached.']);
      expect(await found(store, me, 'resume revi')).toEqual(['A resume, revised: RESUMÉ!']);
      expect(await found(store, me, 'resume revised.')).toEqual(['A resume, revised: RESUMÉ!']);
      expect(await found(store, me, 'resume attached revised ')).toEqual([]);
      // Two letters begin too much: they are a word.
      expect(await found(store, me, 're')).toEqual([]);
    });

    it('[SR6] whatever a query has between its words is no operator', async () => {
      const { store, me, other, threadId } = await scene();
      const body = `50% of "it's" done -- see C:\\x, 'a' OR b:* & (c | d) <-> NEAR`;
      await post(store, threadId, other, body);
      for (const text of [body, '50% ', '"it\'s"', 'a:* ', '(c|d)', 'NEAR ', "b' ", 'c:\\x '])
        expect(await found(store, me, text), text).toEqual([body]);
    });

    it('[SR3] finds in threads of which one is a member now, with their whole history', async () => {
      const { store, me, other, threadId } = await scene();
      const [late] = (await people(store, 1)) as [string];
      await post(store, threadId, other, 'The lighthouse keeper');
      expect(await found(store, late, 'lighthouse')).toEqual([]);
      const asked = store.search(late, { query: queryOf('lighthouse')!, threadId, limit: 10 });
      await rejected(asked, 'not_member');
      await store.addMember({ threadId, actorId: me, userId: late, role: 'member', at: tick() });
      expect(await found(store, late, 'lighthouse')).toEqual(['The lighthouse keeper']);
      expect(await found(store, late, 'lighthouse', { threadId })).toEqual(['The lighthouse keeper']);
      await store.removeMember({ threadId, actorId: me, userId: late, at: tick() });
      expect(await found(store, late, 'lighthouse')).toEqual([]);
      expect(await found(store, 'nobody', 'lighthouse')).toEqual([]);
    });

    it('[SR4] finds an edited message by its new body, and a deleted one not at all', async () => {
      const { store, me, other, threadId } = await scene();
      const message = await post(store, threadId, me, 'harbour and ferry');
      const target = { threadId, offset: message.offset, actorId: me };
      await store.editMessage({ ...target, body: 'harbour and train', at: tick() });
      expect(await found(store, other, 'ferry ')).toEqual([]);
      expect(await found(store, other, 'train harbour ')).toEqual(['harbour and train']);
      await store.deleteMessage({ ...target, at: tick() });
      expect(await found(store, other, 'harbour ')).toEqual([]);
    });

    it('[SR5] goes thread by thread, the most recently active first, and in each from the newest message', async () => {
      const { store, me, other, threadId } = await scene();
      const second = await openGroup(store, [me, other]);
      for (const [place, body] of [
        [threadId, 'kite one'],
        [second, 'kite two'],
        [second, 'kite three'],
        [threadId, 'kite four'],
      ] as const)
        await post(store, place, other, body);
      const expected = ['kite four', 'kite one', 'kite three', 'kite two'];
      for (const limit of [1, 2, 3, 10]) {
        expect(await found(store, me, 'kite ', { limit }), `${limit}`).toEqual(expected);
        expect(await found(store, me, 'kit', { limit }), `${limit}`).toEqual(expected);
      }
      expect(await found(store, me, 'kite ', { threadId: second, limit: 1 })).toEqual(['kite three', 'kite two']);
    });

    it('[SR5] a page looks into a bounded number of threads, and the next goes on behind them', async () => {
      const { store, me, other, threadId } = await scene();
      await post(store, threadId, other, 'buried treasure');
      for (let count = 0; count < SEARCH_BOUNDS.threads; count += 50)
        await Promise.all(Array.from({ length: 50 }, () => openGroup(store, [me, other])));
      const first = await store.search(me, { query: queryOf('treasure ')!, limit: 10 });
      expect(first.messages).toEqual([]);
      const second = await store.search(me, { query: queryOf('treasure ')!, limit: 10, after: first.next! });
      expect(second).toMatchObject({ messages: [{ body: 'buried treasure' }], next: null });
    });

    it('[SR5] a page holds a bounded number of messages against a query, and the next goes on behind them', async () => {
      const { store, me, other, threadId } = await scene();
      await post(store, threadId, other, 'a common needle');
      for (let count = 0; count < SEARCH_BOUNDS.candidates; count += 50)
        await Promise.all(Array.from({ length: 50 }, () => post(store, threadId, other, 'common hay')));
      const query = queryOf('common needle ')!;
      const first = await store.search(me, { query, threadId, limit: 10 });
      expect(first).toMatchObject({ messages: [], next: { threadId } });
      const second = await store.search(me, { query, threadId, limit: 10, after: first.next! });
      expect(second).toMatchObject({ messages: [{ body: 'a common needle' }], next: null });
      expect(await found(store, me, 'common need')).toEqual(['a common needle']);
    });

    it('[SR1][SR4][SR5] whatever is posted, edited and deleted, finds what a look at every message would', async () => {
      const { store, me, other } = await scene();
      const random = createRandom();
      console.info(`seed ${random.seed} (PARLEY_SEED=${random.seed} repeats it)`);
      const words = ['alpha', 'alps', 'Älpen', 'beta', 'bet', 'γάμμα', 'дом', 'домой', '書店', 'x1', 'the'];
      const say = () =>
        Array.from({ length: 1 + random.int(4) }, () => random.pick(words)).join(random.pick([' ', ', ', '—', '/']));
      const threadIds = [await openGroup(store, [me, other]), await openGroup(store, [other, me])];
      const bodies = new Map<string, Map<number, string>>(threadIds.map((threadId) => [threadId, new Map()]));
      for (let step = 0; step < 120; step++) {
        const threadId = random.pick(threadIds);
        const known = bodies.get(threadId)!;
        const offsets = [...known.keys()];
        const act = random.int(4);
        if (act < 2 || offsets.length === 0) {
          const message = await post(store, threadId, me, say());
          known.set(message.offset, message.body);
          continue;
        }
        const offset = random.pick(offsets);
        const body = act === 2 ? say() : undefined;
        if (body === undefined) await store.deleteMessage({ threadId, offset, actorId: me, at: tick() });
        else await store.editMessage({ threadId, offset, actorId: me, body, at: tick() });
        if (body === undefined) known.delete(offset);
        else known.set(offset, body);
      }
      const { threads } = await store.threads(me, { limit: 2 });
      for (let count = 0; count < 40; count++) {
        const text = `${say()}${random.pick(['', ' '])}`;
        const query = queryOf(text)!;
        const expected = threads.flatMap(({ threadId }) =>
          [...bodies.get(threadId)!]
            .sort(([one], [next]) => next - one)
            .map(([, body]) => body)
            .filter((body) => matchesIn(body, query).length > 0),
        );
        expect(await found(store, other, text, { limit: 1 + random.int(5) }), text).toEqual(expected);
      }
    });
  });
};
