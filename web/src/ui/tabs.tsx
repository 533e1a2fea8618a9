/** Parts of a page of which one is shown: arrows, Home and End choose, as Tab goes on to the part. */
import { type KeyboardEvent, useRef } from 'react';
import { classes } from '../lib/classes.ts';
import css from './tabs.module.css';

interface Props<Name extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly tab: Name; readonly label: string }[];
  readonly chosen: Name;
  readonly onChoose: (tab: Name) => void;
}

export const Tabs = <Name extends string>({ label, tabs, chosen, onChoose }: Props<Name>) => {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ tab }) => tab === chosen);
    const moves: Readonly<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    const move = moves[event.key];
    const next = move === undefined ? undefined : tabs.at(move % tabs.length);
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next.tab);
    list.current?.querySelector<HTMLElement>(`#${idOf(next.tab)}`)?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={label} className={css.tabs} onKeyDown={onKeyDown}>
      {tabs.map(({ tab, label: name }) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={idOf(tab)}
          aria-selected={tab === chosen}
          // The others are not in the page.
          {...(tab === chosen ? { 'aria-controls': panelIdOf(tab) } : {})}
          tabIndex={tab === chosen ? 0 : -1}
          className={classes(css.tab, tab === chosen && css.chosen)}
          onClick={() => onChoose(tab)}
        >
          {name}
        </button>
      ))}
    </div>
  );
};

const idOf = (tab: string): string => `tab-${tab}`;
const panelIdOf = (tab: string): string => `panel-${tab}`;

/** For the element of a part. */
export const tabPanelProps = (tab: string) => ({ role: 'tabpanel', id: panelIdOf(tab), 'aria-labelledby': idOf(tab) }) as const;
