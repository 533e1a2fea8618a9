/** One person in a call: their picture or their face, their name, and how they are doing. */
import { MicOff, SignalLow, SignalMedium } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import type { Call, CallParticipant } from '../../../client/types.ts';
import type { User } from '../../../protocol/index.ts';
import { classes } from '../lib/classes.ts';
import { unknownUser } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Spinner } from '../ui/spinner.tsx';
import css from './tile.module.css';
import { Video } from './video.tsx';

interface Props {
  readonly call: Call;
  readonly participant: CallParticipant;
  readonly user: User | undefined;
  readonly speaking: boolean;
  readonly place: 'stage' | 'grid' | 'corner' | 'strip';
}

export const Tile = memo(({ call, participant, user, speaking, place }: Props) => {
  const { participantId, userId, isSelf, connected, quality, tracks, muted } = participant;
  const tile = useRef<HTMLElement>(null);
  const person = user ?? unknownUser(userId);
  const hasVoice = tracks.microphone !== undefined;

  useEffect(() => {
    const element = tile.current;
    if (element === null || isSelf) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined)
        call.setTileSize(participantId, { width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      call.setTileSize(participantId, null);
    };
  }, [call, participantId, isSelf]);

  return (
    <figure
      ref={tile}
      className={classes(css.tile, css[place], speaking && hasVoice && css.speaking)}
      data-testid={`tile-${userId}`}
      data-speaking={speaking}
      data-camera={tracks.camera !== undefined}
      data-connected={connected}
    >
      {/* Behind the picture: seen while there is none, and until its first frame. */}
      <Avatar user={person} size="fluid" />
      <Video track={tracks.camera} mirrored={isSelf} />
      {!connected && (
        <span className={css.away}>
          <Spinner size={22} />
          <span>Reconnecting…</span>
        </span>
      )}
      <figcaption className={css.caption}>
        {!hasVoice && <MicOff aria-label={muted.includes('microphone') ? 'Muted' : 'No microphone'} size={14} />}
        {quality !== 'good' && connected && <QualityMark quality={quality} />}
        <span className={css.name}>{isSelf ? 'You' : person.displayName}</span>
        {speaking && hasVoice && <span className="unseen">, speaking</span>}
      </figcaption>
    </figure>
  );
});

const QualityMark = ({ quality }: { readonly quality: 'poor' | 'bad' }) => {
  const Icon = quality === 'bad' ? SignalLow : SignalMedium;
  return <Icon aria-label={quality === 'bad' ? 'Bad connection' : 'Weak connection'} className={css[quality]} size={14} />;
};
