/** A box in the browser's top layer while anything is in it: over the page, whatever its layers, and out of reach of its transforms. */
import type { Overlay } from '../ui/surroundings.tsx';

export const createOverlay = (box: HTMLElement): Overlay => {
  let raised = 0;
  return {
    box,
    raise() {
      raised += 1;
      if (raised === 1) box.showPopover();
      let isDown = false;
      return () => {
        if (isDown) return;
        isDown = true;
        raised -= 1;
        // The element may have left the page first, which takes it down by itself.
        if (raised === 0 && box.isConnected) box.hidePopover();
      };
    },
  };
};
