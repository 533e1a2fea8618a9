/** What one set aside: archived conversations, and those that are hidden until the next message. */
import { Archive } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { ThreadId } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { ListState } from '../ui/list-state.tsx';
import { Page } from '../ui/page.tsx';
import css from './archived-page.module.css';
import { shownOf } from './shown.ts';
import { moveFocus } from './thread-list.tsx';
import { ThreadRows } from './thread-rows.tsx';
import { useKeptFocus } from './use-kept-focus.ts';

const EMPTY = {
  icon: Archive,
  title: 'Nothing is archived',
  text: 'A conversation that you archive stays here, also when somebody writes. One that you hide is here until the next message.',
};

export const ArchivedPage = () => {
  const { client } = useParley();
  const inbox = useReadable(client.inbox);
  const { archived, hidden } = useMemo(() => shownOf(inbox), [inbox]);
  const { status, load } = useMarked();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const keepFocus = useKeptFocus(list);
  const onMark = (threadId: ThreadId, mark: string): void => keepFocus(threadId, mark !== 'favourite');
  const count = archived.length + hidden.length;
  return (
    <Page title="Archived" back={{ to: { page: 'threads' }, label: 'Back to conversations', onPhone: true }}>
      <ListState status={count > 0 ? 'ready' : status} what="conversations" isEmpty={count === 0} empty={EMPTY} onRetry={load}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go through the links in it. */}
        <div ref={list} className={css.lists} tabIndex={-1} onKeyDown={moveFocus}>
          {archived.length > 0 && (
            <div data-testid="archived-list">
              {/* Alone it is all that the page's title says. */}
              <h2 id={`${id}-archived`} className={hidden.length === 0 ? 'unseen' : css.heading}>
                Archived
              </h2>
              <ThreadRows threads={archived} labelledBy={`${id}-archived`} onMark={onMark} />
            </div>
          )}
          {hidden.length > 0 && (
            <div data-testid="hidden-list">
              <h2 id={`${id}-hidden`} className={css.heading}>
                Hidden until the next message
              </h2>
              <ThreadRows threads={hidden} labelledBy={`${id}-hidden`} onMark={onMark} />
            </div>
          )}
        </div>
      </ListState>
    </Page>
  );
};

/** Asks for all of them, however old. */
const useMarked = () => {
  const { client } = useParley();
  const isOnline = useReadable(client.connection).status === 'online';
  const [status, setStatus] = useState<'loading' | 'ready' | 'failed'>('loading');
  const load = useMemo(
    () => (): void => {
      Promise.all([client.loadMarked('archived'), client.loadMarked('hidden')]).then(
        () => setStatus('ready'),
        () => setStatus('failed'),
      );
    },
    [client],
  );
  useEffect(() => {
    if (isOnline) load();
  }, [isOnline, load]);
  return { status, load };
};
