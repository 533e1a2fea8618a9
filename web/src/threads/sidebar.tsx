/** The left column: who one is, the jobs and proposals, the conversations. */
import { LogOut } from 'lucide-react';
import { useId, useMemo, useRef, useState } from 'react';
import { useMe, useParley } from '../app/parley.tsx';
import { useTheme } from '../app/theme.ts';
import { themeItems } from '../app/theme-menu.tsx';
import { NARROW, useMediaQuery } from '../lib/use-media-query.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Logo } from '../ui/logo.tsx';
import { Menu } from '../ui/menu.tsx';
import { Places } from './places.tsx';
import { SearchBox } from './search-box.tsx';
import { SearchResults } from './search-results.tsx';
import { shownOf } from './shown.ts';
import css from './sidebar.module.css';
import { ThreadList } from './thread-list.tsx';
import { useSearch } from './use-search.ts';

export const Sidebar = () => {
  const headingId = useId();
  const [query, setQuery] = useState('');
  const search = useSearch(query);
  const { client } = useParley();
  const inbox = useReadable(client.inbox);
  // The list has headings of its own then.
  const hasFavourites = useMemo(() => shownOf(inbox).favourites.length > 0, [inbox]);
  const results = useRef<HTMLDivElement>(null);
  // On a phone the list is a page of its own, and this is its title.
  const isPage = useMediaQuery(NARROW);
  const [Header, Brand] = isPage ? (['div', 'h1'] as const) : (['header', 'span'] as const);
  return (
    <div className={css.sidebar}>
      <Header className={css.header}>
        <Brand className={css.brand}>
          <Logo size={26} />
          Parley
        </Brand>
        <PersonMenu />
      </Header>
      <Places />
      <SearchBox query={query} onQuery={setQuery} onDown={() => results.current?.querySelector('a')?.focus()} />
      <nav className={css.threads} aria-labelledby={headingId}>
        <h2 id={headingId} className={search.status === 'idle' && hasFavourites ? 'unseen' : css.heading}>
          {search.status === 'idle' ? 'Conversations' : 'Messages found'}
        </h2>
        {search.status === 'idle' ? <ThreadList /> : <SearchResults search={search} results={results} />}
      </nav>
    </div>
  );
};

const PersonMenu = () => {
  const { signOut } = useParley();
  const me = useMe();
  const [theme, choose] = useTheme();
  return (
    <Menu
      label="You"
      sections={[
        { title: 'Theme', items: themeItems(theme, choose) },
        { title: me.displayName, items: [{ label: 'Sign out', icon: LogOut, run: signOut }] },
      ]}
      trigger={(props) => (
        <button {...props} type="button" className={css.me} data-testid="me">
          <Avatar user={me} size="s" />
          <span className="unseen">You: {me.displayName}</span>
        </button>
      )}
    />
  );
};
