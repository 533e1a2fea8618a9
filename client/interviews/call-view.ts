/** What a call shows: oneself first, from what is sent here, then the others as the room has them. */
import type { InterviewMedia, MediaSource, ProtocolError, UserId } from '../../protocol/index.ts';
import type { CallParticipant, CallStatus, CallView } from '../types.ts';
import { type Room, receivedIn, sentIn } from './room.ts';
import type { Outgoing } from './sender.ts';

export interface CallSources {
  readonly status: CallStatus;
  readonly error?: ProtocolError | undefined;
  readonly media: InterviewMedia;
  readonly me: UserId;
  readonly participantId: string;
  readonly room: Room | undefined;
  readonly outgoing: ReadonlyMap<MediaSource, Outgoing>;
  readonly connected: boolean;
  track(participantId: string, source: MediaSource): MediaStreamTrack | undefined;
}

/** Participants who did not change keep their identity. */
export const createCallView = (): ((sources: CallSources) => CallView) => {
  let known = new Map<string, CallParticipant>();
  let shown: readonly CallParticipant[] = [];

  const keep = (next: CallParticipant): CallParticipant => {
    const before = known.get(next.participantId);
    return before !== undefined && isSame(before, next) ? before : next;
  };

  return (sources) => {
    const participants = [self(sources), ...others(sources)].map(keep);
    known = new Map(participants.map((participant) => [participant.participantId, participant]));
    const unchanged =
      participants.length === shown.length && participants.every((participant, index) => participant === shown[index]);
    if (!unchanged) shown = participants;
    return {
      status: sources.status,
      ...(sources.error === undefined ? {} : { error: sources.error }),
      media: sources.media,
      participants: shown,
      speakerId: sources.room?.speakerId ?? null,
    };
  };
};

const self = ({ participantId, me, connected, room, outgoing }: CallSources): CallParticipant => ({
  participantId,
  userId: me,
  isSelf: true,
  connected,
  quality: room?.qualities.get(participantId) ?? 'good',
  tracks: Object.fromEntries([...outgoing].flatMap(([source, { track, muted }]) => (muted ? [] : [[source, track]]))),
  muted: [...outgoing].flatMap(([source, { muted }]) => (muted ? [source] : [])),
});

const others = ({ participantId, room, track }: CallSources): CallParticipant[] => {
  if (room === undefined) return [];
  const consumers = receivedIn(room);
  return [...room.participants.values()]
    .filter((participant) => participant.participantId !== participantId)
    .map((participant) => ({
      participantId: participant.participantId,
      userId: participant.userId,
      isSelf: false,
      connected: participant.connected,
      quality: room.qualities.get(participant.participantId) ?? 'good',
      tracks: Object.fromEntries(
        consumers.flatMap((consumer) => {
          if (consumer.participantId !== participant.participantId || consumer.producerPaused) return [];
          const played = track(consumer.participantId, consumer.source);
          return played === undefined ? [] : [[consumer.source, played]];
        }),
      ),
      muted: sentIn(room, participant).flatMap(({ source, paused }) => (paused ? [source] : [])),
    }));
};

const isSame = (a: CallParticipant, b: CallParticipant): boolean =>
  a.userId === b.userId &&
  a.connected === b.connected &&
  a.quality === b.quality &&
  a.muted.join() === b.muted.join() &&
  Object.keys(a.tracks).length === Object.keys(b.tracks).length &&
  (Object.keys(a.tracks) as MediaSource[]).every((source) => a.tracks[source] === b.tracks[source]);
