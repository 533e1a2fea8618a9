/** What a page's call sends and receives, read from its WebRTC statistics. */
import type { Page } from 'playwright-core';
import { until } from './until.ts';

export interface Media {
  /** Frames decoded of others' cameras. */
  readonly frames: number;
  /** Energy heard from others' microphones. */
  readonly energy: number;
}

export const mediaOf = (page: Page): Promise<Media> =>
  page.evaluate(async () => {
    const call = window.__parley.interviews.current.get();
    const stats = (await call?.stats()) ?? [];
    const received = stats.filter(({ direction }) => direction === 'receive');
    return {
      frames: received.filter(({ source }) => source === 'camera').reduce((sum, { frames }) => sum + frames, 0),
      energy: received.filter(({ source }) => source === 'microphone').reduce((sum, { audioEnergy }) => sum + audioEnergy, 0),
    };
  });

export const callStatus = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => window.__parley.interviews.current.get()?.view.get().status);

/** Waits until the page decoded `frames` more of the others' camera, and heard something. */
export const receives = async (page: Page, who: string, frames: number, withinMs = 20_000): Promise<void> => {
  const before = await mediaOf(page);
  await until(
    `${frames} new frames and sound for ${who}`,
    async () => {
      const now = await mediaOf(page);
      return now.frames >= before.frames + frames && now.energy > before.energy;
    },
    withinMs,
  );
};

/** Notes when each new frame of the other's camera is shown, from now on. */
export const watchFrames = (page: Page, otherId: string): Promise<void> =>
  page.evaluate((userId) => {
    const video = document.querySelector<HTMLVideoElement>(`[data-testid="tile-${userId}"] video`);
    if (video === null) throw new Error(`There is no video of ${userId}.`);
    const shown: number[] = [];
    (window as unknown as { __shown: number[] }).__shown = shown;
    const note = (at: number): void => {
      shown.push(at);
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  }, otherId);

/** The longest pause between two frames since `watchFrames`, in ms, and how many were shown. */
export const longestPause = (page: Page): Promise<{ pauseMs: number; shown: number }> =>
  page.evaluate(() => {
    const shown = (window as unknown as { __shown: number[] }).__shown;
    const pauses = shown.slice(1).map((at, index) => at - (shown[index] as number));
    return { pauseMs: Math.max(0, ...pauses, performance.now() - (shown.at(-1) ?? 0)), shown: shown.length };
  });

/** How the packets of one connection of a page go. */
export interface Path {
  /** What the page sends from: `host`, or `relay` through a TURN server. */
  readonly type: string;
  readonly protocol: string;
  /** How the page speaks to the TURN server. */
  readonly relayProtocol: string | undefined;
}

/** Keeps hold of the connections that the page makes from now on, for `pathsOf`. */
export const watchPaths = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const peers: RTCPeerConnection[] = [];
    (window as unknown as { __peers: RTCPeerConnection[] }).__peers = peers;
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        peers.push(this);
      }
    };
  });

/** The selected candidate pair of each connection that is up, as its side of the page tells. */
export const pathsOf = (page: Page): Promise<Path[]> =>
  page.evaluate(async () => {
    const { __peers: peers } = window as unknown as { __peers: RTCPeerConnection[] };
    const open = peers.filter(({ connectionState }) => connectionState === 'connected');
    const reports = await Promise.all(open.map((peer) => peer.getStats()));
    return reports.flatMap((report) => {
      const stats = [...report.values()];
      const transport = stats.find(({ type }) => type === 'transport');
      const pair = report.get(transport?.selectedCandidatePairId);
      const local = report.get(pair?.localCandidateId);
      const { candidateType: type, protocol, relayProtocol } = local ?? {};
      return local === undefined ? [] : [{ type, protocol, relayProtocol }];
    });
  });

/** The devices that the tracks are of that the page sends, by kind; after `watchPaths`. */
export const sending = (page: Page): Promise<Record<string, string | undefined>> =>
  page.evaluate(() => {
    const { __peers: peers } = window as unknown as { __peers: RTCPeerConnection[] };
    const tracks = peers
      .filter(({ connectionState }) => connectionState === 'connected')
      .flatMap((peer) => peer.getSenders().flatMap(({ track }) => track ?? []));
    return Object.fromEntries(tracks.map((track) => [track.kind, track.getSettings().deviceId]));
  });

/** Lets the page's media flow or not, without a word to the server: as a line that carries nothing. After `watchPaths`. */
export const switchSending = (page: Page, active: boolean): Promise<void> =>
  page.evaluate(async (isActive) => {
    const { __peers: peers } = window as unknown as { __peers: RTCPeerConnection[] };
    const open = peers.filter(({ connectionState }) => connectionState === 'connected');
    for (const sender of open.flatMap((peer) => peer.getSenders())) {
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) encoding.active = isActive;
      if (sender.track !== null) await sender.setParameters(parameters);
    }
  }, active);

export interface Recovery {
  /** When the first frame of another's camera was decoded after the loss, in ms since the epoch. */
  readonly firstAt: number;
  readonly fifteenAt: number;
}

/** From now on: when the call loses its media, and when it has others' cameras again. `recovery` waits for it. */
export const watchRecovery = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const call = window.__parley.interviews.current.get();
    if (call === null) throw new Error('There is no call.');
    (window as unknown as { __recovery: Promise<Recovery> }).__recovery = new Promise((resolve) => {
      let firstAt: number | undefined;
      const look = async (): Promise<void> => {
        // What was received before the loss is gone with its transport: all frames there are are new.
        const cameras = (await call.stats()).filter(({ direction, source }) => direction === 'receive' && source === 'camera');
        const frames = cameras.reduce((sum, stream) => sum + stream.frames, 0);
        if (frames > 0) firstAt ??= Date.now();
        if (firstAt !== undefined && frames >= 15) resolve({ firstAt, fifteenAt: Date.now() });
        else setTimeout(look, 10);
      };
      const stop = call.view.subscribe(() => {
        if (call.view.get().status !== 'reconnecting') return;
        stop();
        void look();
      });
    });
  });

export const recovery = (page: Page): Promise<Recovery> =>
  page.evaluate(() => (window as unknown as { __recovery: Promise<Recovery> }).__recovery);
