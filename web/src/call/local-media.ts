/** Camera and microphone before a call: opened, tried out, exchanged, and at last handed over or let go. */
import type { Readable } from '../../../client/types.ts';
import { createCell } from '../lib/cell.ts';
import type { LocalTracks } from './call-desk.ts';
import { deviceErrorText, type LocalKind, openBoth, openDevice } from './devices.ts';

export type Source =
  | { readonly status: 'off' | 'opening' }
  | { readonly status: 'on'; readonly track: MediaStreamTrack }
  | { readonly status: 'failed'; readonly text: string };

export type LocalMediaView = Readonly<Record<LocalKind, Source>>;

export interface LocalMedia {
  readonly view: Readable<LocalMediaView>;
  /** Opens what is wanted, by one question to the person where both are. */
  start(): Promise<void>;
  turnOn(kind: LocalKind): Promise<void>;
  turnOff(kind: LocalKind): void;
  /** Gives the tracks away; whoever has them stops them. */
  handOver(): LocalTracks;
  /** Stops what was not given away. */
  stop(): void;
}

const OFF: Source = { status: 'off' };

/** `wanted` is what `start` opens; the rest is off until it is turned on. */
export const createLocalMedia = (wanted: readonly LocalKind[]): LocalMedia => {
  const initially = (kind: LocalKind): Source => (wanted.includes(kind) ? { status: 'opening' } : OFF);
  const view = createCell<LocalMediaView>({ microphone: initially('microphone'), camera: initially('camera') });
  const set = (kind: LocalKind, source: Source): void => view.set({ ...view.get(), [kind]: source });
  /** Counts what was asked of a kind, so that a track that comes too late is let go. */
  const asked: Record<LocalKind, number> = { microphone: 0, camera: 0 };

  const settle = (kind: LocalKind, order: number, track: MediaStreamTrack): void => {
    if (asked[kind] !== order) {
      track.stop();
      return;
    }
    // Fires when the device goes away, not when we stop it.
    track.addEventListener('ended', () => {
      const source = view.get()[kind];
      if (source.status === 'on' && source.track === track)
        set(kind, { status: 'failed', text: `Your ${kind} was disconnected.` });
    });
    set(kind, { status: 'on', track });
  };

  const close = (kind: LocalKind): void => {
    asked[kind] += 1;
    const source = view.get()[kind];
    if (source.status === 'on') source.track.stop();
    set(kind, OFF);
  };

  const turnOn = async (kind: LocalKind): Promise<void> => {
    close(kind);
    const order = asked[kind];
    set(kind, { status: 'opening' });
    try {
      settle(kind, order, await openDevice(kind));
    } catch (error) {
      if (asked[kind] === order) set(kind, { status: 'failed', text: deviceErrorText(error, kind) });
    }
  };

  return {
    view,
    turnOn,
    turnOff: close,
    async start() {
      if (!(wanted.includes('microphone') && wanted.includes('camera'))) {
        await Promise.all(wanted.map(turnOn));
        return;
      }
      const orders = { microphone: asked.microphone, camera: asked.camera };
      view.set({ microphone: { status: 'opening' }, camera: { status: 'opening' } });
      try {
        const tracks = await openBoth();
        settle('microphone', orders.microphone, tracks.microphone);
        settle('camera', orders.camera, tracks.camera);
      } catch {
        // One of them is the reason: ask for each, so that the other can be used and the right one explained.
        for (const kind of wanted) if (asked[kind] === orders[kind]) await turnOn(kind);
      }
    },
    handOver() {
      const { microphone, camera } = view.get();
      for (const kind of ['microphone', 'camera'] as const) asked[kind] += 1;
      view.set({ microphone: OFF, camera: OFF });
      return {
        ...(microphone.status === 'on' ? { microphone: microphone.track } : {}),
        ...(camera.status === 'on' ? { camera: camera.track } : {}),
      };
    },
    stop() {
      close('microphone');
      close('camera');
    },
  };
};
