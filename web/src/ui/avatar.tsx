/** A person's picture, or their initials on a colour of their own; with a dot when they are online. A figure where nobody is. */
import { UserRound } from 'lucide-react';
import { useState } from 'react';
import type { User } from '../../../protocol/index.ts';
import { classes } from '../lib/classes.ts';
import css from './avatar.module.css';
import { hueOf, initialsOf } from './initials.ts';

interface Props {
  readonly user: Pick<User, 'userId' | 'displayName' | 'avatarUrl'> | undefined;
  readonly size?: 'xs' | 's' | 'm' | 'l' | 'xl' | 'fluid';
  /** Whether they are online; nothing is shown when it is not known. */
  readonly online?: boolean | undefined;
}

export const Avatar = ({ user, size = 'm', online }: Props) => {
  const [broken, setBroken] = useState(false);
  const picture = broken ? null : (user?.avatarUrl ?? null);
  return (
    <span className={classes(css.avatar, css[size])} data-hue={hueOf(user?.userId ?? '')} aria-hidden="true">
      {picture === null ? (
        <span className={css.initials}>{user === undefined ? <UserRound size="1.4em" /> : initialsOf(user.displayName)}</span>
      ) : (
        <img src={picture} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => setBroken(true)} />
      )}
      {online !== undefined && <span className={classes(css.dot, online && css.online)} />}
    </span>
  );
};
