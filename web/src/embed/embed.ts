/**
 * `<parley-thread>`, the one script that a host page names. Small: it defines the element, and loads what draws a conversation when the
 * first one is in the page. Style sheets are constructed, so that a page's policy needs to allow no inline style.
 */
import { createCell } from '../lib/cell.ts';
import type { HostEvents } from './host-events.ts';
import type { Mounted } from './mount.tsx';
import { localeOf, type Settings, themeOf } from './settings.ts';

const ATTRIBUTES = ['server', 'proposal', 'thread', 'token', 'theme', 'lang'] as const;
/** Those that are properties of the same name. `lang` is every element's. */
const PROPERTIES = ['server', 'proposal', 'thread', 'token', 'theme'] as const;
type Property = (typeof PROPERTIES)[number];

/** Before anything is loaded, so that the page does not jump. The page's own rules win over these. */
const BOX =
  ':host{display:block;box-sizing:border-box;block-size:600px;min-inline-size:0}.box{block-size:100%}:host([hidden]){display:none}';

/** The build puts the name of the style sheet here, which is one file beside this script's others. */
const STYLES = '__PARLEY_EMBED_STYLES__';

const box = new CSSStyleSheet();
box.replaceSync(BOX);

const loadStyles = async (): Promise<CSSStyleSheet> => {
  const answer = await fetch(new URL(STYLES, import.meta.url));
  if (!answer.ok) throw new Error(`The styles were answered with ${answer.status}.`);
  return new CSSStyleSheet().replace(await answer.text());
};

const loadAll = async () => {
  const [styles, { mount }] = await Promise.all([loadStyles(), import('./mount.tsx')]);
  return { styles, mount };
};

let loading: ReturnType<typeof loadAll> | undefined;

/** Once for all elements; tried anew by the next that asks after it failed. */
const load = (): ReturnType<typeof loadAll> => {
  loading ??= loadAll().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
};

class ParleyThread extends HTMLElement {
  static readonly observedAttributes = ATTRIBUTES;

  /** A token given as property is not written into the page. */
  #token: string | null = null;
  #settings = createCell<Settings>(this.#read());
  #mounted: Mounted | undefined;
  #isOpening = false;
  readonly #root: ShadowRoot;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = [box];
  }

  get token(): string | null {
    return this.#token;
  }
  set token(token: string | null) {
    this.#token = token;
    this.#settings.set(this.#read());
  }

  get server(): string | null {
    return this.getAttribute('server');
  }
  set server(server: string | null) {
    this.#write('server', server);
  }

  get proposal(): string | null {
    return this.getAttribute('proposal');
  }
  set proposal(proposal: string | null) {
    this.#write('proposal', proposal);
  }

  get thread(): string | null {
    return this.getAttribute('thread');
  }
  set thread(thread: string | null) {
    this.#write('thread', thread);
  }

  get theme(): string | null {
    return this.getAttribute('theme');
  }
  set theme(theme: string | null) {
    this.#write('theme', theme);
  }

  override focus(): void {
    this.#mounted?.focus();
  }

  connectedCallback(): void {
    for (const property of PROPERTIES) this.#takeEarly(property);
    void this.#open();
  }

  disconnectedCallback(): void {
    // An element that is put elsewhere in the page is out of it for a moment.
    queueMicrotask(() => {
      if (!this.isConnected) this.#close();
    });
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (name === 'token') this.#token = value;
    this.#settings.set(this.#read());
  }

  async #open(): Promise<void> {
    if (this.#mounted !== undefined || this.#isOpening) return;
    this.#isOpening = true;
    try {
      const { styles, mount } = await load();
      if (!this.isConnected) return;
      this.#root.adoptedStyleSheets = [styles, box];
      const content = document.createElement('div');
      content.className = 'box';
      this.#root.replaceChildren(content);
      this.#mounted = mount(content, this.#settings, (name, detail) => this.#tell(name, detail));
    } catch {
      if (this.isConnected) this.#fail();
    } finally {
      this.#isOpening = false;
    }
  }

  #close(): void {
    this.#mounted?.unmount();
    this.#mounted = undefined;
    this.#root.replaceChildren();
  }

  /** Without the styles, and with nothing but what this script has. */
  #fail(): void {
    const message = 'The conversation could not be loaded.';
    const text = document.createElement('p');
    text.setAttribute('role', 'alert');
    text.textContent = `${message} `;
    const again = document.createElement('button');
    again.type = 'button';
    again.textContent = 'Try again';
    again.addEventListener('click', () => {
      this.#root.replaceChildren();
      void this.#open();
    });
    text.append(again);
    this.#root.replaceChildren(text);
    this.#tell('parley-error', { code: 'unavailable', message });
  }

  #tell<Name extends keyof HostEvents>(name: Name, detail: HostEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #read(): Settings {
    const given = (name: Property): string | null => this.getAttribute(name)?.trim() || null;
    const { lang } = this;
    return {
      server: originOf(given('server')),
      proposal: given('proposal'),
      thread: given('thread'),
      token: this.#token?.trim() || null,
      locale: localeOf(lang),
      theme: themeOf(given('theme')),
    };
  }

  #write(name: Property, value: string | null): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  /** What a page set before this script defined the element is an ordinary property that hides ours. */
  #takeEarly(name: Property): void {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete (this as Partial<Record<Property, string | null>>)[name];
    this[name] = value;
  }
}

/** Where this script came from, unless the page says otherwise. */
const originOf = (server: string | null): string => {
  const own = new URL(import.meta.url).origin;
  return server !== null && URL.canParse(server) ? new URL(server).origin : own;
};

export type { ParleyThread };

if (customElements.get('parley-thread') === undefined) customElements.define('parley-thread', ParleyThread);
