/** What was said around a message, with that one marked. */
import type { CaseDetails, User, UserId } from '../../../protocol/index.ts';
import { classes } from '../lib/classes.ts';
import { fullTime, shortTime } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { usePlace } from '../ui/surroundings.tsx';
import css from './case-context.module.css';

interface Props {
  readonly details: CaseDetails;
  readonly users: ReadonlyMap<UserId, User>;
}

export const CaseContext = ({ details, users }: Props) => {
  const { case: shown, messages } = details;
  const now = useNow();
  const place = usePlace();
  return (
    <section className={css.part} aria-labelledby="case-context">
      <h2 id="case-context">In the conversation</h2>
      <ol className={css.messages} data-testid="case-context">
        {messages.map(({ offset, senderId, body, postedAt, deletedAt, editedAt }) => {
          const isIt = offset === shown.offset;
          return (
            <li key={offset} className={classes(css.message, isIt && css.it)} aria-current={isIt || undefined}>
              <p className={css.head}>
                <span className={css.name}>{users.get(senderId)?.displayName ?? senderId}</span>
                <time dateTime={new Date(postedAt).toISOString()} title={fullTime(postedAt, place)}>
                  {shortTime(postedAt, now, place)}
                </time>
                {editedAt !== null && deletedAt === null && <span>edited</span>}
                {isIt && <span className={css.mark}>this one</span>}
              </p>
              {deletedAt === null ? <p className={css.body}>{body}</p> : <p className={css.gone}>This message was deleted</p>}
            </li>
          );
        })}
      </ol>
    </section>
  );
};
