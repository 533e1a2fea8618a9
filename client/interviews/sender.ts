/**
 * What goes into a room over one transport: a producer a source. The server's word is not waited for before the next
 * step, so that everything sent at joining leaves in one flight, the transport's DTLS side with it.
 */
import type { types } from 'mediasoup-client';
import type { MediaSource, PayloadInput } from '../../protocol/index.ts';
import { uuid } from '../uuid.ts';
import { encodingOf } from './encodings.ts';
import type { Signal } from './signal.ts';

export interface Outgoing {
  readonly track: MediaStreamTrack;
  readonly muted: boolean;
}

/** A step that is taken here; `acknowledged` when the room knows. */
export interface Step {
  readonly acknowledged: Promise<void>;
}

export interface Sender {
  readonly producers: ReadonlyMap<MediaSource, types.Producer>;
  sent(source: MediaSource): Outgoing | undefined;
  send(source: MediaSource, outgoing: Outgoing): Promise<Step>;
  /** Exchanges the track of a source without a new negotiation. */
  replace(source: MediaSource, track: MediaStreamTrack): Promise<void>;
  /** A picture that is muted is not encoded at all; sound keeps its track, so that it is back at once. */
  setMuted(source: MediaSource, muted: boolean): Promise<Step>;
  stop(source: MediaSource): Step;
}

type Opening = Omit<PayloadInput<'producer.open'>, 'interviewId' | 'participantId'>;

export const createSender = (options: {
  transport: types.Transport;
  capabilities: types.RtpCapabilities;
  signal: Signal;
  /** A track has ended by itself: the device is gone, or the browser's own "stop sharing" was pressed. */
  onTrackEnded: (source: MediaSource, track: MediaStreamTrack) => void;
}): Sender => {
  const { transport, capabilities, signal } = options;
  const producers = new Map<MediaSource, types.Producer>();
  const outgoing = new Map<MediaSource, Outgoing>();
  /** The room's answer to the latest word about a producer; the words about one producer go one by one. */
  const answers = new Map<string, Promise<void>>();
  /** Goes along with each opening until the room has it. */
  let dtlsParameters: types.DtlsParameters | undefined;

  transport.on('connect', (connect, done) => {
    dtlsParameters = connect.dtlsParameters;
    done();
  });

  transport.on('produce', ({ kind, rtpParameters, appData }, done) => {
    const { producerId } = appData as Pick<Opening, 'producerId'>;
    const opening = { ...appData, kind, rtpParameters, ...(dtlsParameters === undefined ? {} : { dtlsParameters }) } as Opening;
    const opened = signal.ask('producer.open', opening).then(() => {
      dtlsParameters = undefined;
    });
    answers.set(producerId, opened);
    opened.catch(() => {});
    done({ id: producerId });
  });

  const say = (producerId: string, type: 'producer.pause' | 'producer.resume' | 'producer.close'): Step => {
    const before = answers.get(producerId) ?? Promise.resolve();
    const acknowledged = before.then(async () => void (await signal.ask(type, { producerId })));
    answers.set(producerId, acknowledged);
    acknowledged.catch(() => {});
    return { acknowledged };
  };

  const showMuted = async (source: MediaSource, producer: types.Producer, { track, muted }: Outgoing): Promise<void> => {
    if (muted) producer.pause();
    else producer.resume();
    outgoing.set(source, { track, muted });
    if (producer.kind === 'video') await producer.replaceTrack({ track: muted ? null : track });
  };

  const forget = (source: MediaSource, producer: types.Producer): void => {
    if (producers.get(source) === producer) {
      producers.delete(source);
      outgoing.delete(source);
    }
    producer.close();
  };

  return {
    producers,
    sent: (source) => outgoing.get(source),
    async send(source, { track, muted }) {
      const producer = await transport.produce({
        track,
        ...encodingOf(source, capabilities),
        stopTracks: false,
        disableTrackOnPause: false,
        appData: { producerId: uuid(), source, paused: muted },
      });
      producers.set(source, producer);
      outgoing.set(source, { track, muted });
      producer.on('trackended', () => options.onTrackEnded(source, track));
      if (muted) await showMuted(source, producer, { track, muted });
      const acknowledged = answers.get(producer.id) ?? Promise.resolve();
      acknowledged.catch(() => forget(source, producer));
      return { acknowledged };
    },
    async replace(source, track) {
      const producer = producers.get(source);
      const present = outgoing.get(source);
      if (producer === undefined || present === undefined) return;
      outgoing.set(source, { ...present, track });
      producer.removeAllListeners('trackended');
      producer.on('trackended', () => options.onTrackEnded(source, track));
      if (producer.kind === 'audio' || !present.muted) await producer.replaceTrack({ track });
    },
    async setMuted(source, muted) {
      const producer = producers.get(source);
      const present = outgoing.get(source);
      if (producer === undefined || present === undefined) return nothingSaid;
      const said = say(producer.id, muted ? 'producer.pause' : 'producer.resume');
      await showMuted(source, producer, { ...present, muted });
      return said;
    },
    stop(source) {
      const producer = producers.get(source);
      if (producer === undefined) return nothingSaid;
      forget(source, producer);
      return say(producer.id, 'producer.close');
    },
  };
};

export const nothingSaid: Step = { acknowledged: Promise.resolve() };
