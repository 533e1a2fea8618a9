/** What a host page says about an element, as its attributes and properties have it now. */
export interface Settings {
  /** Parley's origin. */
  readonly server: string;
  /** One of both; a thread wins. Null where not given. */
  readonly proposal: string | null;
  readonly thread: string | null;
  readonly token: string | null;
  /** BCP 47; null for the browser's. */
  readonly locale: string | null;
  readonly theme: Theme;
}

/** `page` is the color-scheme that the host page has around the element. */
export type Theme = 'page' | 'light' | 'dark' | 'system';

export const themeOf = (text: string | null): Theme => (text === 'light' || text === 'dark' || text === 'system' ? text : 'page');

/** A language tag that the browser can format for. */
export const localeOf = (text: string): string | null => {
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    return null;
  }
};
