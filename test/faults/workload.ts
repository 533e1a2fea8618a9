/** What people do all the time: one step of it, by chance. What is refused is part of the game. */
import type { Random } from '../support/random.ts';
import type { Device } from './device.ts';

export interface Threads {
  readonly ids: readonly string[];
  /** Where people come and go. */
  readonly groupId: string;
  /** Who comes and goes there, taken in and out by its owner. */
  readonly wanderer: string;
}

export const act = async (random: Random, device: Device, threads: Threads, step: number): Promise<void> => {
  if (!device.isSignedIn()) {
    if (random.int(4) === 0) device.signIn();
    return;
  }
  const mine = device.client.inbox.get().threads;
  if (mine.length === 0) return;
  const summary = random.pick(mine);
  const { threadId, head } = summary;
  const offset = Math.max(1, head - random.int(Math.min(head, 30)));
  const body = `${device.name} says ${step}`;
  const own = device.client
    .thread(threadId)
    .view.get()
    .items.flatMap((item) =>
      item.kind === 'event' && item.event.type === 'message.posted' && item.event.message.senderId === device.userId
        ? [item.event.message.offset]
        : [],
    );
  switch (random.int(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      device.post(threadId, body);
      return;
    case 5:
    case 6:
    case 7:
      return device.ask('message.post', { threadId, clientMessageId: crypto.randomUUID(), body });
    case 8:
    case 9:
      if (own.length > 0) return device.ask('message.edit', { threadId, offset: random.pick(own), body: `${body}, edited` });
      return;
    case 10:
      if (own.length > 0) return device.ask('message.delete', { threadId, offset: random.pick(own) });
      return;
    case 11:
    case 12:
      return device.ask('cursor.move', { threadId, readOffset: offset });
    case 13:
      device.client.thread(threadId).setTyping(true);
      return;
    case 14:
      return device.openThread(threadId);
    case 15:
      if (random.int(3) === 0) return device.closeThread(threadId);
      return device.openThread(threadId);
    case 16:
      if (random.int(4) === 0) return device.signOut();
      return;
    case 17: {
      const { groupId, wanderer } = threads;
      const isIn = mine.find((each) => each.threadId === groupId)?.members.some(({ userId }) => userId === wanderer);
      return device.ask(isIn === true ? 'member.remove' : 'member.add', { threadId: groupId, userId: wanderer });
    }
    default: {
      const { interview } = summary;
      if (interview === null) return device.ask('interview.call', { threadId, interviewId: crypto.randomUUID(), media: 'audio' });
      const verbs = ['interview.answer', 'interview.answer', 'interview.decline', 'interview.cancel', 'interview.end'] as const;
      return device.ask(random.pick(verbs), { interviewId: interview.interviewId });
    }
  }
};
