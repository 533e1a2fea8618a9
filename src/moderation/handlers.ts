/** What moderators ask over the socket. Others are refused, and the audit log has that they tried. */
import { ProtocolError, type RequestType } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Caller, Handlers } from '../handlers.ts';
import type { ModerationStore } from '../store/moderation-store.ts';
import type { Moderation } from './moderation.ts';

export type ModerationRequest = Extract<RequestType, `moderation.${string}`>;

/** Of one person and request, one entry of the log in so long: nobody fills it by asking again and again. */
const NOTE_EVERY_MS = 60_000;
/** Remembered at most; one that was forgotten is noted once more. */
const MOST_NOTED = 10_000;

export const createModerationHandlers = (options: {
  moderation: Moderation;
  store: Pick<ModerationStore, 'appendAudit'>;
  clock: Clock;
}): Handlers<ModerationRequest> => {
  const { moderation, store, clock } = options;
  const noted = new Map<string, number>();

  const noteRefusal = async (userId: string, request: ModerationRequest, caseId: string | undefined): Promise<void> => {
    const key = `${request} ${userId}`;
    const at = clock.now();
    if (at - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < NOTE_EVERY_MS) return;
    noted.delete(key);
    noted.set(key, at);
    if (noted.size > MOST_NOTED) noted.delete(noted.keys().next().value!);
    const action = request === 'moderation.get' ? 'original.refused' : 'moderation.refused';
    await store.appendAudit({ at, actor: userId, action, subject: caseId ?? userId, details: { request, via: 'socket' } });
  };

  /** The moderator, or `forbidden`. */
  const requireModerator = async ({ userId, roles }: Caller, request: ModerationRequest, caseId?: string): Promise<string> => {
    if (roles?.includes('moderator') === true) return userId;
    await noteRefusal(userId, request, caseId);
    throw new ProtocolError('forbidden', 'This is for moderators.');
  };

  return {
    'moderation.list': async (caller, page) => {
      const moderatorId = await requireModerator(caller, 'moderation.list');
      const { cases, ...rest } = await moderation.list(page);
      // A moderator does not read here who reported them.
      return { ...rest, cases: cases.filter(({ subjectId }) => subjectId !== moderatorId) };
    },
    'moderation.get': async (caller, { caseId }) => {
      const moderatorId = await requireModerator(caller, 'moderation.get', caseId);
      return moderation.read(caseId, { moderatorId, via: 'socket' });
    },
    'moderation.claim': async (caller, { caseId, claimed }) => {
      const moderatorId = await requireModerator(caller, 'moderation.claim', caseId);
      return { case: await moderation.claim(caseId, moderatorId, claimed) };
    },
    'moderation.decide': async (caller, decision) => {
      const moderatorId = await requireModerator(caller, 'moderation.decide', decision.caseId);
      return { case: await moderation.decide({ ...decision, moderatorId }) };
    },
    'moderation.review': async (caller, review) => {
      const moderatorId = await requireModerator(caller, 'moderation.review', review.caseId);
      return { case: await moderation.review({ ...review, moderatorId }) };
    },
  };
};
