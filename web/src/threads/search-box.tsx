/** Where one types what to look for; `/` and Ctrl+K come here from anywhere, Escape goes back. */
import { Search, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { MAX_QUERY_LENGTH } from '../../../protocol/index.ts';
import css from './search-box.module.css';

interface Props {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** To the first of what was found. */
  readonly onDown: () => void;
}

export const SearchBox = ({ query, onQuery, onDown }: Props) => {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const isChord = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
      if ((!isChord && !isSlash) || event.defaultPrevented || field.current?.closest('[inert]') !== null) return;
      // On a phone's conversation the list is not there to be searched.
      if (field.current.offsetParent === null) return;
      event.preventDefault();
      field.current.select();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && query !== '') {
      event.preventDefault();
      onQuery('');
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      onDown();
    }
  };
  return (
    <search className={css.box}>
      <Search aria-hidden size={16} />
      <input
        ref={field}
        type="search"
        className={css.field}
        value={query}
        maxLength={MAX_QUERY_LENGTH}
        placeholder="Search messages"
        aria-label="Search messages"
        aria-keyshortcuts="/ Control+K Meta+K"
        autoComplete="off"
        spellCheck={false}
        data-testid="search"
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {query === '' ? (
        <kbd className={css.key} aria-hidden>
          /
        </kbd>
      ) : (
        <button
          type="button"
          className={css.clear}
          aria-label="Clear the search"
          onClick={() => {
            onQuery('');
            field.current?.focus();
          }}
        >
          <X aria-hidden size={15} />
        </button>
      )}
    </search>
  );
};

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
