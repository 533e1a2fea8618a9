/** Help notes: one's own votes, and how many there are of each note. */
import { HELP_NOTES, type HelpCount } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Handlers } from '../handlers.ts';
import type { HelpStore } from '../store/store.ts';

export const createHelpHandlers = ({
  store,
  clock,
}: {
  store: HelpStore;
  clock: Clock;
}): Handlers<'help.list' | 'help.vote'> => ({
  'help.list': async ({ userId }) => ({ votes: await store.helpVotes(userId) }),
  async 'help.vote'({ userId }, vote) {
    await store.voteHelp({ ...vote, userId, at: clock.now() });
    return {};
  },
});

/** Of every note, those without a vote too. */
export const countHelp = async (store: HelpStore): Promise<HelpCount[]> => {
  const counts = new Map((await store.helpCounts()).map((count) => [count.noteId, count]));
  return HELP_NOTES.map(({ noteId, title }) => ({ helpful: 0, unhelpful: 0, ...counts.get(noteId), noteId, title }));
};
