/** The sound of the others: one element for each of their tracks, on the speaker of one's choice. */
import { Volume2 } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CallParticipant } from '../../../client/types.ts';
import { Button } from '../ui/button.tsx';
import { useDeviceChoice } from './device-choice.ts';
import css from './remote-audio.module.css';
import { canChooseSpeaker } from './use-devices.ts';

const SOURCES = ['microphone', 'screen-audio'] as const;

export const RemoteAudio = ({ participants }: { readonly participants: readonly CallParticipant[] }) => {
  const { audiooutput: speakerId } = useDeviceChoice();
  const [blocked, setBlocked] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const onBlocked = useCallback(() => setBlocked(true), []);

  const unblock = (): void => {
    setBlocked(false);
    for (const audio of holder.current?.querySelectorAll('audio') ?? []) audio.play().catch(onBlocked);
  };

  return (
    <div ref={holder}>
      {participants.flatMap(({ participantId, isSelf, tracks }) =>
        isSelf
          ? []
          : SOURCES.flatMap((source) => {
              const track = tracks[source];
              return track === undefined
                ? []
                : [<Sound key={`${participantId} ${source}`} track={track} speakerId={speakerId} onBlocked={onBlocked} />];
            }),
      )}
      {blocked && (
        <div className={css.blocked}>
          <Button tone="primary" icon={Volume2} onClick={unblock}>
            Turn on the sound
          </Button>
        </div>
      )}
    </div>
  );
};

interface SoundProps {
  readonly track: MediaStreamTrack;
  readonly speakerId: string | undefined;
  readonly onBlocked: () => void;
}

const Sound = ({ track, speakerId, onBlocked }: SoundProps) => {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([track]);
    audio.play().catch((error: unknown) => {
      // Any other failure means that the track was exchanged meanwhile.
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
  }, [track, onBlocked]);
  useEffect(() => {
    // A speaker that was unplugged leaves the sound on the system's own.
    if (canChooseSpeaker() && speakerId !== undefined) element.current?.setSinkId(speakerId).catch(() => {});
  }, [speakerId]);
  // biome-ignore lint/a11y/useMediaCaption: the live voice of a person has no captions.
  return <audio ref={element} autoPlay />;
};
