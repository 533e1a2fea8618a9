/** What the components stand in: a window of their own, or an element in somebody else's page. */
import { createContext, useContext } from 'react';
import type { Place } from '../lib/time.ts';
import { NARROW, useMediaQuery } from '../lib/use-media-query.ts';

export interface Surroundings {
  /** In an element they take no focus that they were not given, lead to no other page and leave the first heading to the page. */
  readonly isWindow: boolean;
  /** As narrow as a phone; undefined where the window's width decides. */
  readonly isNarrow?: boolean;
  /** Whether any of it is on screen; a window that is looked at always is. */
  readonly inView: boolean;
  /** For dates, times and amounts; undefined for the browser's. */
  readonly locale?: string;
  /** Where dialogs and cards go that lie over everything. Undefined for the body. */
  readonly overlay?: Overlay;
}

export interface Overlay {
  readonly box: Element;
  /** Brings the box before everything in the page until what it returns is called. */
  raise(): () => void;
}

const WINDOW: Surroundings = { isWindow: true, inView: true };

const SurroundingsContext = createContext(WINDOW);

export const SurroundingsProvider = SurroundingsContext;

export const useSurroundings = (): Surroundings => useContext(SurroundingsContext);

/** Whether there is room for one thing at a time. */
export const useNarrow = (): boolean => {
  const { isNarrow } = useSurroundings();
  const isNarrowWindow = useMediaQuery(NARROW);
  return isNarrow ?? isNarrowWindow;
};

/** How times and amounts are written here. */
export const usePlace = (): Place => {
  const { locale } = useSurroundings();
  return locale === undefined ? HERE : { locale };
};
const HERE: Place = {};
