/** Whether an element is narrower than so many pixels, whatever the window's width; it is, before it was measured. */
import { useLayoutEffect, useState } from 'react';

export const useNarrower = (box: HTMLElement | null, thanPx: number): boolean => {
  const [isNarrower, setIsNarrower] = useState(true);
  useLayoutEffect(() => {
    if (box === null) return;
    setIsNarrower(box.clientWidth < thanPx);
    const observer = new ResizeObserver(() => setIsNarrower(box.clientWidth < thanPx));
    observer.observe(box);
    return () => observer.disconnect();
  }, [box, thanPx]);
  return isNarrower;
};
