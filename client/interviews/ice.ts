/** Brings a transport back whose ICE broke, by an ICE restart of that transport alone. */
import type { types } from 'mediasoup-client';
import type { TransportDirection } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Signal } from './signal.ts';

/** A network often comes back by itself within this. */
const DISCONNECTED_MS = 3_000;
/** A restart that has not connected by then has failed. */
const RESTART_MS = 8_000;
const MAX_RESTARTS = 3;

/** `onLost` is called when restarts do not help. */
export const keepConnected = (options: {
  transport: types.Transport;
  direction: TransportDirection;
  signal: Signal;
  clock: Clock;
  onLost: () => void;
}): void => {
  const { transport, direction, signal, clock } = options;
  let restarts = 0;
  let restarting = false;
  let cancelTimer = (): void => {};

  const isBroken = (): boolean => !transport.closed && transport.connectionState !== 'connected';

  const restart = async (): Promise<void> => {
    if (restarting) return;
    restarting = true;
    try {
      // Without a socket there is nobody to ask, and by the time there is, ICE may be well.
      await signal.whenLive();
      if (isBroken()) await restartNow();
    } catch {
      // The call has ended or is being joined again, or the room refused: the timer decides.
    } finally {
      restarting = false;
    }
    if (isBroken()) restartIn(RESTART_MS);
  };

  const restartNow = async (): Promise<void> => {
    restarts += 1;
    if (restarts > MAX_RESTARTS) return options.onLost();
    const { iceParameters, iceServers } = await signal.ask('transport.restart_ice', { direction });
    // Those the transport was made with may have expired.
    if (iceServers.length > 0) await transport.updateIceServers({ iceServers: iceServers as RTCIceServer[] }).catch(() => {});
    await transport.restartIce({ iceParameters: iceParameters as types.IceParameters });
  };

  const restartIn = (delayMs: number): void => {
    cancelTimer();
    cancelTimer = clock.after(delayMs, restart);
  };

  transport.on('connectionstatechange', (state) => {
    if (state === 'connected') {
      cancelTimer();
      restarts = 0;
    } else if (state === 'disconnected') {
      restartIn(DISCONNECTED_MS);
    } else if (state === 'failed') {
      restartIn(0);
    }
  });
  transport.observer.on('close', () => cancelTimer());
};
