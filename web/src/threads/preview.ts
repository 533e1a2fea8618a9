/** The last line of a thread's row. */
import type { ThreadSummary, User, UserId } from '../../../protocol/index.ts';
import { plainText } from '../guard/masked.ts';
import { firstNameOf, unknownUser } from './people.ts';

export type Preview =
  | { readonly kind: 'text'; readonly text: string; readonly muted: boolean }
  | { readonly kind: 'typing'; readonly text: string }
  | { readonly kind: 'call'; readonly text: string; readonly live: boolean }
  | { readonly kind: 'draft'; readonly text: string };

interface Known {
  readonly meId: UserId;
  readonly users: ReadonlyMap<UserId, User>;
  readonly typing: readonly UserId[];
  readonly draft: string;
}

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

/** What matters most now: a call, who types, what one began to write, the last message. */
export const previewOf = (thread: ThreadSummary, { meId, users, typing, draft }: Known): Preview => {
  const { interview, lastMessage } = thread;
  if (interview !== null) {
    const noun = interview.media === 'video' ? 'Video' : 'Audio';
    if (interview.state === 'live') return { kind: 'call', live: true, text: `${noun} interview in progress` };
    return { kind: 'call', live: false, text: interview.startedBy === meId ? 'Calling…' : `Incoming ${noun.toLowerCase()} call` };
  }
  const firstTyping = typing[0];
  if (firstTyping !== undefined) {
    const isPair = thread.members.length === 2;
    return {
      kind: 'typing',
      text: isPair ? 'Typing…' : `${firstNameOf(users.get(firstTyping) ?? unknownUser(firstTyping))} is typing…`,
    };
  }
  if (draft.trim() !== '') return { kind: 'draft', text: oneLine(draft) };
  if (lastMessage === null) return { kind: 'text', muted: true, text: 'No messages yet' };
  if (lastMessage.deletedAt !== null) return { kind: 'text', muted: true, text: 'Message deleted' };
  const sender =
    lastMessage.senderId === meId
      ? 'You: '
      : thread.members.length > 2
        ? `${firstNameOf(users.get(lastMessage.senderId) ?? unknownUser(lastMessage.senderId))}: `
        : '';
  return { kind: 'text', muted: false, text: sender + oneLine(plainText(lastMessage)) };
};
