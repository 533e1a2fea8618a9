/** The moderators' queue: cases that wait, that may be looked at once more, and that are closed. */
import { ShieldCheck } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { CaseKind, CaseList } from '../../../protocol/index.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { ListState } from '../ui/list-state.tsx';
import { Page } from '../ui/page.tsx';
import { Tabs, tabPanelProps } from '../ui/tabs.tsx';
import { CaseCard } from './case-card.tsx';
import { KIND } from './case-text.ts';
import css from './moderation-page.module.css';
import { useCases } from './use-cases.ts';

const LISTS = [
  { tab: 'waiting', label: 'Waiting' },
  { tab: 'decided', label: 'Second look' },
  { tab: 'closed', label: 'Closed' },
] as const;

const EMPTY: Readonly<Record<CaseList, { title: string; text: string }>> = {
  waiting: { title: 'Nothing waits', text: 'Held messages, appeals and reports appear here as they come.' },
  decided: { title: 'Nothing to look at again', text: 'What one moderator decided is here for another one.' },
  closed: { title: 'Nothing is closed yet', text: 'Cases end up here after a second look, or when they solved themselves.' },
};

const KINDS = ['hold', 'appeal', 'report'] as const;

export const ModerationPage = () => {
  const [list, setList] = useState<CaseList>('waiting');
  const [kind, setKind] = useState<CaseKind | null>(null);
  const { status, cases, users, more, reload, loadMore } = useCases(list, kind);
  const items = useRef<HTMLUListElement>(null);
  const filterId = useId();
  useAnnouncedQueue(list === 'waiting' && status === 'ready' ? cases.length : null);

  const onKeyDown = (event: KeyboardEvent): void => {
    const links = [...(items.current?.querySelectorAll('a') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 };
    const next = moves[event.key];
    if (at < 0 || next === undefined || links[next] === undefined) return;
    event.preventDefault();
    links[next].focus();
  };

  return (
    <Page title="Moderation" back={{ to: { page: 'threads' }, label: 'Back to conversations', onPhone: true }}>
      <div className={css.page}>
        <div className={css.bar}>
          <Tabs label="Cases" tabs={LISTS} chosen={list} onChoose={setList} />
          <div className={css.filter}>
            <label htmlFor={filterId}>Show</label>
            <select
              id={filterId}
              data-testid="case-kind"
              value={kind ?? ''}
              onChange={(event) => setKind(KINDS.find((one) => one === event.target.value) ?? null)}
            >
              <option value="">Everything</option>
              {KINDS.map((one) => (
                <option key={one} value={one}>
                  {KIND[one]}s
                </option>
              ))}
            </select>
          </div>
        </div>
        <div {...tabPanelProps(list)}>
          <ListState
            status={status}
            what="cases"
            isEmpty={cases.length === 0}
            empty={{ icon: ShieldCheck, ...EMPTY[list] }}
            onRetry={reload}
          >
            <ul ref={items} className={css.cases} onKeyDown={onKeyDown} data-testid="cases">
              {cases.map((one) => (
                <li key={one.caseId}>
                  <CaseCard shown={one} users={users} />
                </li>
              ))}
            </ul>
            {more && (
              <Button wide onClick={loadMore}>
                Show more
              </Button>
            )}
          </ListState>
        </div>
      </div>
    </Page>
  );
};

/** Says to whoever listens that the queue has grown. */
const useAnnouncedQueue = (waiting: number | null): void => {
  const announce = useAnnounce();
  const before = useRef<number | null>(null);
  useEffect(() => {
    if (waiting !== null && before.current !== null && waiting > before.current) {
      announce(`A new case. ${waiting === 1 ? 'One waits' : `${waiting} wait`}.`);
    }
    before.current = waiting;
  }, [waiting, announce]);
};
