/** Signing in with a token: how to get one, and where to put it. */
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { type Account, userOfToken } from './account.ts';
import css from './token-form.module.css';

export const TokenForm = ({ onSignIn }: { readonly onSignIn: (account: Account) => void }) => {
  const [isWrong, setIsWrong] = useState(false);
  const tokenId = useId();
  const hintId = useId();

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget).get('token') ?? '').trim();
    const userId = userOfToken(token);
    setIsWrong(userId === null);
    if (userId !== null) onSignIn({ kind: 'token', userId, token });
  };

  return (
    <form className={css.form} onSubmit={submit}>
      <label htmlFor={tokenId}>Token</label>
      <textarea
        id={tokenId}
        name="token"
        rows={4}
        required
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        placeholder="eyJhbGciOi…"
        aria-describedby={hintId}
        aria-invalid={isWrong}
        onChange={() => setIsWrong(false)}
      />
      <p id={hintId} className={isWrong ? css.wrong : css.hint} role={isWrong ? 'alert' : undefined}>
        {isWrong ? (
          'This is not a token: it should be three parts with dots between them, and name a user.'
        ) : (
          <>
            Whoever runs this server makes one with <code>parley token --user ID</code>.
          </>
        )}
      </p>
      <Button type="submit" tone="primary" wide>
        Sign in
      </Button>
    </form>
  );
};
