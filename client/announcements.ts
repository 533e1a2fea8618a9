/**
 * What the operator tells this person. Asked for once somebody looks, and again on each new socket; from then on the server pushes the whole
 * list. What is put away is gone at once, and the server is told when it can be.
 */
import { type Announcement, ProtocolError, type Push } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { createView } from './readable.ts';
import type { Readable } from './types.ts';

export interface Announcements {
  readonly view: Readable<readonly Announcement[]>;
  dismiss(announcementId: string): void;
  online(): void;
  offline(): void;
  push(push: Extract<Push, { push: 'announcements' }>): void;
  reset(): void;
}

const RETRY_MS = 5_000;

export const createAnnouncements = ({ clock, request }: { clock: Clock; request: Connection['request'] }): Announcements => {
  let heard: readonly Announcement[] = [];
  /** Put away here, and not yet there. */
  const leaving = new Set<string>();
  let isWanted = false;
  let isOnline = false;
  /** Counts the sockets, so that an answer that comes late is not taken for one of the next. */
  let socket = 0;
  let cancelRetry = (): void => {};

  const view = createView<readonly Announcement[]>(() => heard.filter(({ announcementId }) => !leaving.has(announcementId)));

  const learn = (announcements: readonly Announcement[]): void => {
    heard = announcements;
    view.invalidate();
  };

  const ask = async (): Promise<void> => {
    if (!isWanted || !isOnline) return;
    const asked = socket;
    try {
      const { announcements } = await request('announcement.list', {});
      if (asked === socket) learn(announcements);
    } catch (error) {
      if (asked === socket && mayTryAgain(error)) cancelRetry = clock.after(RETRY_MS, () => void ask());
    }
  };

  const tell = async (announcementId: string): Promise<void> => {
    if (!isOnline) return;
    const told = socket;
    try {
      await request('announcement.dismiss', { announcementId });
      heard = heard.filter((one) => one.announcementId !== announcementId);
      leaving.delete(announcementId);
    } catch (error) {
      // What cannot be put away, or was withdrawn meanwhile, is as the server has it.
      if (!mayTryAgain(error)) leaving.delete(announcementId);
      else if (told === socket) clock.after(RETRY_MS, () => void (told === socket && tell(announcementId)));
    }
    view.invalidate();
  };

  const offline = (): void => {
    isOnline = false;
    socket += 1;
    cancelRetry();
  };

  return {
    view: {
      get: view.get,
      subscribe(listener) {
        if (!isWanted) {
          isWanted = true;
          void ask();
        }
        return view.subscribe(listener);
      },
    },
    dismiss(announcementId) {
      leaving.add(announcementId);
      view.invalidate();
      void tell(announcementId);
    },
    online() {
      isOnline = true;
      void ask();
      for (const announcementId of leaving) void tell(announcementId);
    },
    offline,
    push: ({ announcements }) => learn(announcements),
    reset() {
      offline();
      leaving.clear();
      learn([]);
    },
  };
};

const mayTryAgain = (error: unknown): boolean => !(error instanceof ProtocolError) || error.retryable;
