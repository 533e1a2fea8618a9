/** Which camera, microphone and speaker this browser is to use: remembered from call to call. */
import { useSyncExternalStore } from 'react';
import { keptInBrowser } from '../lib/kept.ts';

export type DeviceChoice = Readonly<Partial<Record<MediaDeviceKind, string>>>;

const KEY = 'parley:devices';
const NO_CHOICE: DeviceChoice = {};

let cached: { readonly text: string | null; readonly choice: DeviceChoice } = { text: null, choice: NO_CHOICE };

const parse = (text: string | null): DeviceChoice => {
  try {
    const kept: unknown = JSON.parse(text ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as DeviceChoice) : NO_CHOICE;
  } catch {
    return NO_CHOICE;
  }
};

export const readDeviceChoice = (): DeviceChoice => {
  const text = keptInBrowser.getItem(KEY);
  // The same object for the same text, as useSyncExternalStore asks.
  if (text !== cached.text) cached = { text, choice: parse(text) };
  return cached.choice;
};

export const chooseDevice = (kind: MediaDeviceKind, deviceId: string): void => {
  keptInBrowser.setItem(KEY, JSON.stringify({ ...readDeviceChoice(), [kind]: deviceId }));
  dispatchEvent(new StorageEvent('storage', { key: KEY }));
};

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('storage', listener);
  return () => removeEventListener('storage', listener);
};

export const useDeviceChoice = (): DeviceChoice => useSyncExternalStore(subscribe, readDeviceChoice);
