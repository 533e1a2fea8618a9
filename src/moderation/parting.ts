/** Two people see each other no more: what the sessions of each hear of the other's presence ends, on every gateway. */
import type { UserId } from '../../protocol/index.ts';
import { type Hub, topics } from '../hub.ts';
import { encodePush } from '../session/frame.ts';

export const createParting =
  (hub: Hub) =>
  (userId: UserId, otherId: UserId): void => {
    for (const [viewer, seen] of [
      [userId, otherId],
      [otherId, userId],
    ] as const) {
      hub.drop(topics.presence(seen), viewer);
      // What is on screen would stay as it was.
      const presence = { userId: seen, online: false, lastSeenAt: null };
      hub.publish(topics.inbox(viewer), encodePush({ push: 'presence', presence }));
    }
  };
