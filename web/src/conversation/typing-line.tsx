/** Who types now. Its place is kept free, so that nothing moves when it comes and goes. */
import type { User, UserId } from '../../../protocol/index.ts';
import { firstNameOf, namesText, unknownUser } from '../threads/people.ts';
import css from './typing-line.module.css';

interface Props {
  readonly typing: readonly UserId[];
  readonly users: ReadonlyMap<UserId, User>;
}

export const TypingLine = ({ typing, users }: Props) => {
  const names = typing.map((userId) => firstNameOf(users.get(userId) ?? unknownUser(userId)));
  return (
    <div className={css.line}>
      {names.length > 0 && (
        <p data-testid="typing">
          <span className={css.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {namesText(names)} {names.length === 1 ? 'is' : 'are'} typing
        </p>
      )}
    </div>
  );
};
