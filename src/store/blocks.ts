/** The rules of blocks, apart from any database. */
import { ProtocolError, type ThreadKind, type UserId } from '../../protocol/index.ts';
import type { NewAuditEntry } from './moderation-store.ts';

/** Threads in which a block keeps two people apart; in those of a group or contract others rely on them. */
export const keepsApart = (kind: ThreadKind): boolean => kind === 'direct' || kind === 'proposal';

/** Says no more than that: whoever is blocked is not told so. */
export const cannotReach = (): ProtocolError => new ProtocolError('forbidden', 'This cannot be sent here.');

export const requireAnother = ({ userId, otherId }: { userId: UserId; otherId: UserId }): void => {
  if (userId === otherId) throw new ProtocolError('invalid', 'Nobody can block themselves.');
};

export const blockEntry = ({
  userId,
  otherId,
  blocked,
  at,
}: {
  userId: UserId;
  otherId: UserId;
  blocked: boolean;
  at: number;
}): NewAuditEntry => ({
  at,
  actor: userId,
  action: blocked ? 'person.blocked' : 'person.unblocked',
  subject: otherId,
  details: {},
});
