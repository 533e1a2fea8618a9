/** Closing rooms whose interview is over: tried again until their node has heard it, also when whoever ended it was killed before it could say so. */
import type { Logger } from 'pino';
import type { Clock } from '../src/clock.ts';
import type { MediaFleet } from './media-fleet.ts';
import { StalePlacement } from './media-link.ts';
import type { Placement } from './media-nodes.ts';
import type { Rooms } from './rooms.ts';

const CLOSE_RETRY_MS = 1_000;
const MAX_CLOSE_ATTEMPTS = 120;

export const closeRooms = (options: {
  fleet: MediaFleet;
  isClosed: () => boolean;
  clock: Clock;
  log: Logger;
}): Pick<Rooms, 'closeRoom' | 'closeOrphans'> => {
  const { fleet, isClosed, clock, log } = options;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const quietly = (command: Promise<unknown>): Promise<unknown> =>
    command.catch((error) => log.debug({ err: error }, 'a media node did not take a command'));

  const tryClose = async (interviewId: string): Promise<void> => {
    const at = await fleet.find(interviewId);
    if (at?.from !== undefined) void quietly(fleet.request(at.from, 'closeRoom', { roomId: interviewId, fence: at.from.fence }));
    if (at !== undefined) await fleet.request(at, 'closeRoom', { roomId: interviewId, fence: at.fence });
    fleet.release(interviewId);
  };
  const closeRoom: Rooms['closeRoom'] = async (interviewId) => {
    for (let attempt = 1; attempt <= MAX_CLOSE_ATTEMPTS && !isClosed(); attempt += 1) {
      try {
        return await tryClose(interviewId);
      } catch (error) {
        log.debug({ err: error, interviewId }, 'a room could not be closed yet');
        if (error instanceof StalePlacement) fleet.forget(interviewId);
        await pause(CLOSE_RETRY_MS);
      }
    }
  };

  return {
    closeRoom,
    async closeOrphans(isOver) {
      const closeOn = async (node: Placement): Promise<void> => {
        const { roomIds } = await fleet.request(node, 'rooms', {});
        for (const roomId of roomIds) if (await isOver(roomId)) await tryClose(roomId);
      };
      await Promise.all((await fleet.nodes()).map((node) => quietly(closeOn(node))));
    },
  };
};
