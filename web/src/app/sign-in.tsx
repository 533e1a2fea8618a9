/** Signing in: as a demo person where the server offers them, or with a token. */

import { CloudOff } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Logo } from '../ui/logo.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import type { Account } from './account.ts';
import { type DemoPerson, demoPeople } from './demo.ts';
import css from './sign-in.module.css';
import { ThemeMenu } from './theme-menu.tsx';
import { TokenForm } from './token-form.tsx';

interface Props {
  readonly onSignIn: (account: Account) => void;
}

type People =
  | { readonly status: 'loading' | 'failed' | 'none' }
  | { readonly status: 'ready'; readonly people: readonly DemoPerson[] };

export const SignIn = ({ onSignIn }: Props) => {
  const [people, setPeople] = useState<People>({ status: 'loading' });
  const load = useCallback(async () => {
    setPeople({ status: 'loading' });
    try {
      const found = await demoPeople();
      setPeople(found === null ? { status: 'none' } : { status: 'ready', people: found });
    } catch {
      setPeople({ status: 'failed' });
    }
  }, []);
  useEffect(() => void load(), [load]);

  return (
    <div className={css.page}>
      <header className={css.bar}>
        <ThemeMenu />
      </header>
      <main className={css.main}>
        <div className={css.head}>
          <Logo size={44} />
          <h1>{people.status === 'none' ? 'Sign in to Parley' : 'Welcome to Parley'}</h1>
          <p>
            {people.status === 'none'
              ? 'Paste a token to open your conversations.'
              : 'This is a demo. Choose who you are; open a second window to be somebody else.'}
          </p>
        </div>
        <div className={css.card}>
          {people.status === 'loading' && <SkeletonRows label="Loading the demo people" count={5} />}
          {people.status === 'failed' && (
            <EmptyState icon={CloudOff} title="The server cannot be reached" actions={<Button onClick={load}>Try again</Button>}>
              Check that Parley is running and that you are online.
            </EmptyState>
          )}
          {people.status === 'ready' && <PeopleList people={people.people} onSignIn={onSignIn} />}
          {people.status === 'none' && <TokenForm onSignIn={onSignIn} />}
        </div>
        {people.status === 'ready' && (
          <details className={css.other}>
            <summary>Sign in with a token instead</summary>
            <div className={css.card}>
              <TokenForm onSignIn={onSignIn} />
            </div>
          </details>
        )}
      </main>
    </div>
  );
};

const ROLE = { client: 'Client', freelancer: 'Freelancer', moderator: 'Moderator' } as const;

const PeopleList = ({ people, onSignIn }: Props & { readonly people: readonly DemoPerson[] }) => (
  <ul className={css.people}>
    {people.map(({ user, role }) => (
      <li key={user.userId}>
        <button
          type="button"
          className={css.person}
          data-testid={`person-${user.userId}`}
          onClick={() => onSignIn({ kind: 'demo', userId: user.userId })}
        >
          <Avatar user={user} size="m" />
          <span className={css.who}>
            <span className={css.name}>{user.displayName}</span>
            <span className={css.headline}>{user.headline}</span>
          </span>
          <span className={css.role} data-role={role}>
            {ROLE[role]}
          </span>
        </button>
      </li>
    ))}
  </ul>
);
