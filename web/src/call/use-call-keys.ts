/** Single keys that control a call, unless one is writing or in a menu or dialog, or elsewhere in a page that it is an element of. */
import { type RefObject, useEffect, useRef } from 'react';

export const useCallKeys = (region: RefObject<HTMLElement | null>, keys: Readonly<Record<string, () => void>>): void => {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const root = region.current?.getRootNode();
    const onKeyDown = (event: Event): void => {
      if (!(event instanceof KeyboardEvent)) return;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest('input, textarea, select, [role="menu"], [role="dialog"], [role="alertdialog"]')) return;
      const run = latest.current[event.key] ?? latest.current[event.key.toUpperCase()];
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    root?.addEventListener('keydown', onKeyDown);
    return () => root?.removeEventListener('keydown', onKeyDown);
  }, [region]);
};
