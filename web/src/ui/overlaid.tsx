/** Puts what is in it over everything else. */
import { type ReactNode, useLayoutEffect } from 'react';
import { createPortal } from 'react-dom';
import { useSurroundings } from './surroundings.tsx';

export const Overlaid = ({ children }: { readonly children: ReactNode }) => {
  const { overlay } = useSurroundings();
  // Before any effect that gives something in it the focus.
  useLayoutEffect(() => overlay?.raise(), [overlay]);
  return createPortal(children, overlay?.box ?? document.body);
};
