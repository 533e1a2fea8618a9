import { expect, it } from 'vitest';
import { deviceErrorText } from './devices.ts';

it('[WEB14] a camera or microphone that cannot be opened is explained, with what to do', () => {
  const text = (name: string) => deviceErrorText(new DOMException('', name), 'camera');
  expect(text('NotAllowedError')).toMatch(/Allow it/);
  expect(text('NotFoundError')).toMatch(/Connect one/);
  expect(text('NotReadableError')).toMatch(/another program/);
  expect(text('SecurityError')).toMatch(/https/);
  expect(deviceErrorText('odd', 'microphone')).toBe('Your microphone could not be opened. Try again.');
});
