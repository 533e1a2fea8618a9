/** A participant's media in one room epoch: a transport each way, and what goes over them. A reopened room gives a new one. */
import type { types } from 'mediasoup-client';
import type { Joined, MediaSource, TransportOptions } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import { keepConnected } from './ice.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { createSender, type Sender } from './sender.ts';
import type { Signal } from './signal.ts';

export interface Media {
  readonly signal: Signal;
  readonly sender: Sender;
  readonly receiver: Receiver;
  /** Both ways, as far as there is anything to send or to receive. */
  isConnected(): boolean;
  /** Lets go of the transports. Tracks that were sent go on: they are the call's. */
  close(): void;
}

export const createMedia = (options: {
  device: types.Device;
  joined: Joined;
  signal: Signal;
  clock: Clock;
  pixelRatio: () => number;
  onTracks: () => void;
  onTrackEnded: (source: MediaSource, track: MediaStreamTrack) => void;
  /** Something went wrong that only joining again can mend. */
  onLost: () => void;
}): Media => {
  const { device, joined, signal, clock } = options;
  const given = (transport: TransportOptions): types.TransportOptions =>
    ({
      id: transport.transportId,
      iceParameters: transport.iceParameters,
      iceCandidates: transport.iceCandidates,
      dtlsParameters: transport.dtlsParameters,
      iceServers: joined.iceServers,
    }) as types.TransportOptions;
  const sending = device.createSendTransport(given(joined.sendTransport));
  const receiving = device.createRecvTransport(given(joined.receiveTransport));
  keepConnected({ transport: sending, direction: 'send', signal, clock, onLost: options.onLost });
  keepConnected({ transport: receiving, direction: 'receive', signal, clock, onLost: options.onLost });

  return {
    signal,
    sender: createSender({
      transport: sending,
      capabilities: device.sendRtpCapabilities,
      signal,
      onTrackEnded: options.onTrackEnded,
    }),
    receiver: createReceiver({
      transport: receiving,
      signal,
      clock,
      pixelRatio: options.pixelRatio,
      onTracks: options.onTracks,
      onRefused: options.onLost,
    }),
    isConnected: () =>
      [sending, receiving].every(({ connectionState }) => connectionState === 'connected' || connectionState === 'new'),
    close() {
      signal.close();
      sending.close();
      receiving.close();
    },
  };
};
