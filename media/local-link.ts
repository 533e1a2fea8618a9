/** The link of a gateway to the media node in its own process. */
import type { LinkListener, MediaLink } from '../signaling/media-link.ts';
import type { MediaAuthority } from './authority.ts';

export const createLocalLink = (authority: MediaAuthority, gatewayId: string, listener: LinkListener): MediaLink => {
  const line = authority.attach(gatewayId, listener.onEvent);
  return { request: line.request, isUp: () => true, close: line.detach };
};
