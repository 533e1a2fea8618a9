/**
 * What lies over what. While a dialog is open the pages under it are inert; a ringing call lies over dialogs, so that it can
 * always be answered, and live regions are never inert, so that they are always heard.
 */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';

interface Layers {
  readonly covered: boolean;
  cover(): () => void;
}

const LayersContext = createContext<Layers>({ covered: false, cover: () => () => {} });

export const LayersProvider = ({ children }: { readonly children: ReactNode }) => {
  const [covers, setCovers] = useState(0);
  const cover = useCallback(() => {
    setCovers((count) => count + 1);
    return () => setCovers((count) => count - 1);
  }, []);
  const layers = useMemo(() => ({ covered: covers > 0, cover }), [covers, cover]);
  return <LayersContext value={layers}>{children}</LayersContext>;
};

/** Whether a dialog lies over the pages. */
export const useCovered = (): boolean => useContext(LayersContext).covered;

/** Covers the pages while the caller is on screen. */
export const useCover = (): void => {
  const { cover } = useContext(LayersContext);
  useEffect(() => cover(), [cover]);
};
