/** How the people in a call are laid out: a shared screen first, two face to face, more in a grid, one in miniature. */
import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Call, CallParticipant, CallView } from '../../../client/types.ts';
import type { User, UserId } from '../../../protocol/index.ts';
import { firstNameOf, unknownUser } from '../threads/people.ts';
import { gridOf, type Size } from './grid.ts';
import { Tile } from './tile.tsx';
import css from './tiles.module.css';
import { Video } from './video.tsx';

interface Props {
  readonly call: Call;
  readonly view: CallView;
  readonly users: ReadonlyMap<UserId, User>;
  /** One tile alone. */
  readonly miniature: boolean;
}

const GAP = 10;

export const Tiles = ({ call, view, users, miniature }: Props) => {
  const { participants, speakerId } = view;
  const others = participants.filter(({ isSelf }) => !isSelf);
  const [self] = participants.filter(({ isSelf }) => isSelf);
  // One's own screen is on one's screen already.
  const sharing = others.find(({ tracks }) => tracks.screen !== undefined);
  const tile = (participant: CallParticipant, place: 'stage' | 'grid' | 'corner' | 'strip') => (
    <Tile
      key={participant.participantId}
      call={call}
      participant={participant}
      user={users.get(participant.userId)}
      speaking={participant.participantId === speakerId}
      place={place}
    />
  );

  if (miniature) {
    const shown = others.find(({ participantId }) => participantId === speakerId) ?? others[0] ?? self;
    return <div className={css.pair}>{shown !== undefined && tile(shown, 'stage')}</div>;
  }
  if (sharing !== undefined)
    return (
      <div className={css.presentation}>
        <Screen participant={sharing} name={firstNameOf(users.get(sharing.userId) ?? unknownUser(sharing.userId))} />
        <div className={css.strip}>{[...others, ...(self === undefined ? [] : [self])].map((one) => tile(one, 'strip'))}</div>
      </div>
    );
  if (others.length <= 1)
    return (
      <div className={css.pair}>
        {others[0] === undefined ? self !== undefined && tile(self, 'stage') : tile(others[0], 'stage')}
        {others[0] !== undefined && self !== undefined && tile(self, 'corner')}
      </div>
    );
  return (
    <Grid count={participants.length}>{[...others, ...(self === undefined ? [] : [self])].map((one) => tile(one, 'grid'))}</Grid>
  );
};

const Screen = ({ participant, name }: { readonly participant: CallParticipant; readonly name: string }) => (
  <figure className={css.screen} data-testid={`screen-${participant.userId}`}>
    <Video track={participant.tracks.screen} whole />
    <figcaption>{name}’s screen</figcaption>
  </figure>
);

const Grid = ({ count, children }: { readonly count: number; readonly children: ReactNode }) => {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => entry !== undefined && setSize(entry.contentRect));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const { columns, width, height } = gridOf(count, size, GAP);
  const style = { '--tile-width': `${width}px`, '--tile-height': `${height}px`, '--columns': columns } as CSSProperties;
  return (
    <div ref={box} className={css.frame}>
      <div className={css.grid} style={style}>
        {children}
      </div>
    </div>
  );
};
