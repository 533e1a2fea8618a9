/** How many messages are unread; nothing when none is. */
import css from './unread-badge.module.css';

const MOST = 99;

export const UnreadBadge = ({ count }: { readonly count: number }) =>
  count === 0 ? null : (
    <span className={css.badge}>
      {count > MOST ? `${MOST}+` : count}
      <span className="unseen"> unread</span>
    </span>
  );
