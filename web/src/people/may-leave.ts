/** Who may go from a conversation; what the server allows. */
import type { ThreadSummary, UserId } from '../../../protocol/index.ts';

/** Those whom it is between stay, and so does who is alone in it. */
export const mayLeave = ({ kind, members, proposal, contracts }: ThreadSummary, meId: UserId): boolean => {
  if (kind === 'direct') return false;
  if ([proposal?.clientId, proposal?.freelancerId, proposal?.managerId].includes(meId)) return false;
  if (contracts.some(({ clientId, freelancerId }) => clientId === meId || freelancerId === meId)) return false;
  return members.length > 1;
};
