/**
 * Store first, then publish: every durable write waits for its commit here and its deliveries leave in commit order.
 * An event is encoded once; each member's push has the member's position in front.
 */
import { encodeInboxEvent, encodeInboxPush } from '../protocol/index.ts';
import type { Deliver, Publish } from './handlers.ts';
import { type Hub, topics } from './hub.ts';
import type { Delivery } from './store/store.ts';

export const createPublish =
  ({ hub, onPublished }: { hub: Hub; onPublished?: (delivery: Delivery) => void }): Publish =>
  (deliveries) => {
    for (const delivery of deliveries) {
      const { event, positions } = delivery;
      // Before the push: who was told of leaving hears nothing more.
      if (event.type === 'member.left') hub.drop(topics.typing(event.threadId), event.userId);
      const encoded = encodeInboxEvent(event);
      for (const [userId, position] of positions) hub.publish(topics.inbox(userId), encodeInboxPush(position, encoded));
      onPublished?.(delivery);
    }
  };

export const createDeliver =
  (publish: Publish): Deliver =>
  async (write) => {
    const { result, deliveries } = await write;
    publish(deliveries);
    return result;
  };
