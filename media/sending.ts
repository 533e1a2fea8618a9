/** What the participants of a room send. Everyone is told of every track, whether they can play it or not. */
import { type DtlsParameters, type MediaKind, type MediaSource, ProtocolError, type RtpParameters } from '../protocol/index.ts';
import { checkTrack } from './parameters.ts';
import { type Media, type Participant, type SentTrack, viewOfTrack } from './participant.ts';
import type { Receiving } from './receiving.ts';
import { gone, refusing, unlessGone } from './refusals.ts';
import { mediaOf, type RoomContext, sentIn } from './room-context.ts';

/**
 * Between two requests for a key frame of one picture. A browser that made one within 300 ms does not make another, and the worker, which
 * takes the request for sent, would ask again only a second later: whoever starts a picture that has just begun would wait for that long.
 */
const KEY_FRAME_DELAY_MS = 330;
/** Many who ask for a keyframe of a shared screen at once get one: it is large. */
const SCREEN_KEY_FRAME_DELAY_MS = 1_000;

export interface NewTrack {
  readonly producerId: string;
  readonly kind: MediaKind;
  readonly source: MediaSource;
  readonly rtpParameters: RtpParameters;
  readonly paused: boolean;
  /** Connects the transport with it, in the same round trip. */
  readonly dtlsParameters?: DtlsParameters | undefined;
}

export interface Sending {
  /** Idempotent by producer id. Throws `conflict` when the participant sends this source already, `invalid`, or `gone`. */
  open(participant: Participant, track: NewTrack): Promise<void>;
  pause(participant: Participant, producerId: string, paused: boolean): Promise<void>;
  close(participant: Participant, producerId: string): void;
  /** Takes media of a participant away: what they send over it, what they receive, and the transports. */
  closeMedia(media: Media | undefined): void;
}

export const createSending = (room: RoomContext, receiving: Receiving): Sending => {
  const { tellAll } = room;

  const closeTrack = (track: SentTrack): void => {
    receiving.withdraw(track);
    track.producer.close();
    tellAll({ type: 'producer.closed', participantId: track.participantId, producerId: track.producerId });
  };

  const checkFree = (media: Media, { producerId, source }: NewTrack): void => {
    const inUse =
      sentIn(room).find((track) => track.producerId === producerId) ??
      [...media.sent.values()].find((track) => track.source === source);
    if (inUse === undefined) return;
    throw new ProtocolError('conflict', `The id is in use, or the ${source} is sent already.`, {
      conflictsWith: inUse.producerId,
    });
  };

  return {
    async open(participant, track) {
      const media = mediaOf(participant);
      const { producerId, kind, source, rtpParameters, paused, dtlsParameters } = track;
      if (dtlsParameters !== undefined) await media.transports.connect('send', dtlsParameters);
      if (media.sent.has(producerId)) return;
      checkFree(media, track);
      checkTrack(track);
      const producer = await refusing(() =>
        media.transports.produce({
          kind,
          rtpParameters,
          paused,
          keyFrameRequestDelay: source === 'screen' ? SCREEN_KEY_FRAME_DELAY_MS : KEY_FRAME_DELAY_MS,
        }),
      );
      try {
        if (participant.media !== media) throw gone();
        checkFree(media, track);
      } catch (error) {
        producer.close();
        throw error;
      }
      const { participantId } = participant;
      const sent: SentTrack = { producerId, participantId, kind, source, producer, place: media.place, successor: undefined };
      media.sent.set(producerId, sent);
      for (const before of participant.previous?.sent.values() ?? []) if (before.source === source) before.successor = sent;
      producer.on('score', () => room.onScore(participant));
      tellAll({ type: 'producer.opened', participantId, producer: viewOfTrack(sent) });
      if (source === 'microphone') room.onMicrophone(sent);
      receiving.offer(sent);
    },
    async pause(participant, producerId, paused) {
      const track = participant.media?.sent.get(producerId);
      if (track === undefined || track.producer.paused === paused) return;
      await unlessGone(() => (paused ? track.producer.pause() : track.producer.resume()));
      if (track.producer.closed) return;
      tellAll({ type: 'producer.paused', participantId: participant.participantId, producerId, paused });
      room.onScore(participant);
    },
    close(participant, producerId) {
      const track = participant.media?.sent.get(producerId);
      if (track === undefined) return;
      participant.media?.sent.delete(producerId);
      closeTrack(track);
      room.onScore(participant);
    },
    closeMedia(media) {
      const sent = [...(media?.sent.values() ?? [])];
      media?.sent.clear();
      for (const track of sent) closeTrack(track);
      media?.transports.close();
    },
  };
};
