/** Where the focus is, also for what stands in a shadow root, of which the page sees only the element that has it. */

/** What has the focus in the tree that the node is in; null where it is elsewhere in the page. */
export const focusedBeside = (node: Node): Element | null => (node.getRootNode() as Document | ShadowRoot).activeElement;

/** What had the focus is gone, and nothing has it now. */
export const isFocusLost = (): boolean => document.activeElement === null || document.activeElement === document.body;

/** Whether one is writing anywhere in the page. */
export const isWriting = (): boolean => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active?.matches('input, textarea, select, [contenteditable]:not([contenteditable="false"])') ?? false;
};

const TABBABLE = 'a[href], button:enabled, input:enabled, textarea:enabled, select:enabled, [tabindex]:not([tabindex="-1"])';

/** What the Tab key reaches inside, in order. */
export const tabbableIn = (box: Element): HTMLElement[] =>
  [...box.querySelectorAll<HTMLElement>(TABBABLE)].filter((one) => one.tabIndex >= 0 && one.checkVisibility());
