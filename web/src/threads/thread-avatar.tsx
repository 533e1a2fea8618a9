/** A thread's picture: the other person, or two of a group. */
import type { User } from '../../../protocol/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import css from './thread-avatar.module.css';

interface Props {
  readonly others: readonly User[];
  readonly online: boolean | undefined;
}

export const ThreadAvatar = ({ others, online }: Props) =>
  others.length <= 1 ? (
    <Avatar user={others[0]} online={online} />
  ) : (
    <span className={css.pair}>
      <Avatar user={others[0]} size="s" />
      <Avatar user={others[1]} size="s" />
    </span>
  );
