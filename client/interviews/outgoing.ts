/**
 * What one wants to send, whatever becomes of the transport: the tracks are the call's, outlive a room epoch, and are
 * stopped when they are exchanged, removed or the call is over. Muting takes effect on the track at once; the rest
 * follows, one step of a source at a time.
 */
import type { MediaSource } from '../../protocol/index.ts';
import { nothingSaid, type Outgoing, type Sender, type Step } from './sender.ts';

export interface OutgoingTracks {
  readonly tracks: ReadonlyMap<MediaSource, Outgoing>;
  /** These resolve when the room knows, or at once while there is no room; the next sender catches up. */
  set(source: MediaSource, track: MediaStreamTrack): Promise<void>;
  remove(source: MediaSource): Promise<void>;
  setMuted(source: MediaSource, muted: boolean): Promise<void>;
  /** A track has ended by itself. */
  ended(source: MediaSource, track: MediaStreamTrack): void;
  /** Sends everything by this sender from now on; undefined while there is none. */
  use(sender: Sender | undefined): void;
  stopAll(): void;
}

export const createOutgoingTracks = ({ onChange }: { onChange: () => void }): OutgoingTracks => {
  let tracks: ReadonlyMap<MediaSource, Outgoing> = new Map();
  let sender: Sender | undefined;
  const turns = new Map<MediaSource, Promise<unknown>>();

  const want = (source: MediaSource, outgoing: Outgoing | undefined): void => {
    const next = new Map(tracks);
    const before = next.get(source);
    if (outgoing === undefined) next.delete(source);
    else next.set(source, outgoing);
    if (before !== undefined && before.track !== outgoing?.track) before.track.stop();
    if (outgoing !== undefined) outgoing.track.enabled = !outgoing.muted;
    tracks = next;
    onChange();
  };

  /** Brings what this sender sends to what is wanted. */
  const step = async (source: MediaSource, by: Sender): Promise<Step> => {
    const wanted = tracks.get(source);
    const sent = by.sent(source);
    if (wanted === undefined) return sent === undefined ? nothingSaid : by.stop(source);
    if (sent === undefined) return await by.send(source, wanted);
    if (sent.track !== wanted.track) await by.replace(source, wanted.track);
    return sent.muted === wanted.muted ? nothingSaid : await by.setMuted(source, wanted.muted);
  };

  const settle = async (source: MediaSource): Promise<void> => {
    const by = sender;
    if (by === undefined) return;
    const turn = (turns.get(source) ?? Promise.resolve()).then(() => step(source, by));
    turns.set(
      source,
      turn.catch(() => {}),
    );
    try {
      const { acknowledged } = await turn;
      await acknowledged;
    } catch (error) {
      // The room is being joined again; its sender begins with what is wanted by then.
      if (by !== sender) return;
      want(source, undefined);
      throw error;
    }
  };

  return {
    get tracks() {
      return tracks;
    },
    set(source, track) {
      want(source, { track, muted: tracks.get(source)?.muted ?? false });
      return settle(source);
    },
    async remove(source) {
      if (!tracks.has(source)) return;
      want(source, undefined);
      await settle(source);
    },
    async setMuted(source, muted) {
      const present = tracks.get(source);
      if (present === undefined || present.muted === muted) return;
      want(source, { ...present, muted });
      await settle(source);
    },
    ended(source, track) {
      if (tracks.get(source)?.track !== track) return;
      want(source, undefined);
      settle(source).catch(() => {});
    },
    use(next) {
      sender = next;
      turns.clear();
      for (const source of tracks.keys()) settle(source).catch(() => {});
    },
    stopAll() {
      sender = undefined;
      for (const source of [...tracks.keys()]) want(source, undefined);
    },
  };
};
