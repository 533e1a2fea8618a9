/** Where a card of the top layer goes that belongs to something on the page. */
const GAP = 6;
const MARGIN = 8;

/** Below it, or above it when there is more room; never over the edge of the window. */
const placeBeside = (card: HTMLElement, anchor: HTMLElement): void => {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const below = innerHeight - at.bottom - GAP - MARGIN;
  const top = below >= height || below >= at.top ? at.bottom + GAP : at.top - GAP - height;
  const left = at.left + width + MARGIN > innerWidth ? at.right - width : at.left;
  card.style.top = `${Math.max(MARGIN, Math.min(top, innerHeight - height - MARGIN))}px`;
  card.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`;
};

/** Shows a card of the top layer beside what it belongs to, until a press outside of both, which `onOutside` hears. */
export const showBeside = (card: HTMLElement, anchor: HTMLElement, onOutside: () => void): (() => void) => {
  card.showPopover();
  placeBeside(card, anchor);
  const onPress = (event: PointerEvent): void => {
    // Not its target, which for what is in a shadow root is the element that has the root.
    const path = event.composedPath();
    if (!path.includes(card) && !path.includes(anchor)) onOutside();
  };
  document.addEventListener('pointerdown', onPress, true);
  return () => document.removeEventListener('pointerdown', onPress, true);
};
